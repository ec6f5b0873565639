// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/fetch.h"

#include "proto/fetch_item_text.h"
#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 9051 section 6.4.5, RFC 7162 section 3.1.4 and 3.2.6:
// fetch          = "FETCH" SP sequence-set SP items [SP "(" fetch-modifier *(SP fetch-modifier) ")"]
// items          = "ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")"
// fetch-modifier = "CHANGEDSINCE" SP mod-sequence-value / "VANISHED"   ; VANISHED in UID FETCH and with the other only
FetchCommand FetchCommand::parse(Parser& parser) {
  FetchCommand out;
  parser.sp();
  out.messages.set = parser.sequence_set();
  parser.sp();
  out.items = parse_fetch_items(parser);
  if (parser.accept(' ') && !parser.at_end()) {
    parser.list([&] {
      if (parser.accept_word("CHANGEDSINCE")) {
        parser.sp();
        out.changed_since = parser.mod_sequence_or_zero();
      } else if (parser.accept_word("VANISHED")) {
        out.vanished = true;
      } else {
        parser.fail("a FETCH modifier");
      }
    });
  }
  if (out.vanished && (!parser.by_uid || !out.changed_since))
    parser.fail("VANISHED with UID FETCH and CHANGEDSINCE only");
  parser.end();
  return out;
}

void FetchCommand::print(Printer& printer) const {
  if (messages.by == MessageSet::By::Uid) printer.raw("UID ");
  printer.raw(kName).sp().sequence_set(messages.set).raw(" (");
  bool first = true;
  for (const auto& item : items) {
    if (!first) printer.sp();
    first = false;
    print_fetch_item(printer, item);
  }
  printer.raw(")");
  if (!changed_since && !vanished) return;
  printer.raw(" (");
  if (changed_since) printer.raw("CHANGEDSINCE ").number(changed_since->value);
  if (vanished) printer.raw(changed_since ? " VANISHED" : "VANISHED");
  printer.raw(")");
}

}  // namespace imap
