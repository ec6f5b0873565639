// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/expunge.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 9051 section 6.4.3 and 6.4.9: expunge = "EXPUNGE" / "UID" SP "EXPUNGE" SP sequence-set
ExpungeCommand ExpungeCommand::parse(Parser& parser) {
  ExpungeCommand out;
  if (parser.by_uid) {
    parser.sp();
    out.uids = parser.sequence_set();
  }
  parser.end();
  return out;
}

void ExpungeCommand::print(Printer& printer) const {
  if (uids) printer.raw("UID ");
  printer.raw(kName);
  if (uids) printer.sp().sequence_set(*uids);
}

}  // namespace imap
