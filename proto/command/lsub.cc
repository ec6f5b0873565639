// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/lsub.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 3501 section 6.3.9: lsub = "LSUB" SP mailbox SP list-mailbox
LsubCommand LsubCommand::parse(Parser& parser) {
  LsubCommand out;
  parser.sp();
  auto reference = parser.astring();
  out.reference = decode_modified_utf7(reference).value_or(reference);
  parser.sp();
  auto pattern = parser.list_mailbox();
  out.pattern = decode_modified_utf7(pattern).value_or(pattern);
  parser.end();
  return out;
}

void LsubCommand::print(Printer& printer) const { printer.raw(kName).sp().pattern(reference).sp().pattern(pattern); }

}  // namespace imap
