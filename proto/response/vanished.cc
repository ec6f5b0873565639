// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/vanished.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 7162 section 7: expunged-resp = "VANISHED" [SP "(EARLIER)"] SP known-uids
VanishedResponse VanishedResponse::parse(Parser& parser) {
  VanishedResponse out;
  parser.sp();
  out.earlier = parser.accept_word("(EARLIER)");
  if (out.earlier && !(parser.lenient && parser.at_end())) parser.sp();
  if (parser.lenient && parser.at_end()) return out;  // iCloud: no UIDs at all
  out.uids = parser.uid_set();
  return out;
}

void VanishedResponse::print(Printer& printer) const {
  printer.raw(earlier ? "* VANISHED (EARLIER) " : "* VANISHED ").set(uids).crlf();
}

}  // namespace imap
