// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/store.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 9051 section 6.4.6, RFC 7162 section 3.1.3:
// store           = "STORE" SP sequence-set [SP "(UNCHANGEDSINCE" SP mod-sequence-valzer ")"] SP store-att-flags
// store-att-flags = ["+" / "-"] "FLAGS" [".SILENT"] SP (flag-list / flag *(SP flag))
StoreCommand StoreCommand::parse(Parser& parser) {
  StoreCommand out;
  parser.sp();
  out.messages.set = parser.sequence_set();
  parser.sp();
  if (parser.accept('(')) {
    parser.skip_spaces();
    parser.expect_word("UNCHANGEDSINCE");
    parser.sp();
    out.unchanged_since = parser.mod_sequence_or_zero();
    parser.skip_spaces();
    parser.expect(')');
    parser.sp();
  }
  if (parser.accept('+'))
    out.change = FlagChange::Add;
  else if (parser.accept('-'))
    out.change = FlagChange::Remove;
  parser.expect_word("FLAGS");
  out.silent = parser.accept_word(".SILENT");
  parser.sp();
  out.flags = parser.flags_without_parentheses();
  parser.end();
  return out;
}

void StoreCommand::print(Printer& printer) const {
  if (messages.by == MessageSet::By::Uid) printer.raw("UID ");
  printer.raw(kName).sp().sequence_set(messages.set).sp();
  if (unchanged_since) printer.raw("(UNCHANGEDSINCE ").number(unchanged_since->value).raw(") ");
  if (change == FlagChange::Add) printer.raw("+");
  if (change == FlagChange::Remove) printer.raw("-");
  printer.raw(silent ? "FLAGS.SILENT " : "FLAGS ").flag_list(flags);
}

}  // namespace imap
