// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/capabilities.h"

namespace server {

std::vector<std::string> capabilities(const CapabilitySituation& situation) {
  std::vector<std::string> out{"IMAP4rev1", "LITERAL+", "SASL-IR", "ID", "ENABLE", "IDLE"};
  if (!situation.authenticated) {
    if (situation.can_start_tls) out.emplace_back("STARTTLS");
    out.emplace_back(situation.login_disabled ? "LOGINDISABLED" : "AUTH=PLAIN");
    return out;
  }
  for (const char* name : {"NAMESPACE",
                           "CHILDREN",
                           "UIDPLUS",
                           "UNSELECT",
                           "MOVE",
                           "CONDSTORE",
                           "QRESYNC",
                           "ESEARCH",
                           "SEARCHRES",
                           "LIST-EXTENDED",
                           "LIST-STATUS",
                           "SPECIAL-USE",
                           "CREATE-SPECIAL-USE",
                           "STATUS=SIZE",
                           "MULTIAPPEND",
                           "SORT",
                           "SORT=DISPLAY",
                           "ESORT",
                           "THREAD=ORDEREDSUBJECT",
                           "THREAD=REFERENCES",
                           "THREAD=REFS",
                           "WITHIN",
                           "I18NLEVEL=1"})
    out.emplace_back(name);
  if (situation.can_compress) out.emplace_back("COMPRESS=DEFLATE");
  return out;
}

}  // namespace server
