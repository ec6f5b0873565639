// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/status_items_text.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

namespace {

struct Row {
  std::string_view name;
  bool StatusItems::* member;
};
constexpr Row kRows[] = {
    {"MESSAGES", &StatusItems::messages},
    {"RECENT", &StatusItems::recent},
    {"UIDNEXT", &StatusItems::uid_next},
    {"UIDVALIDITY", &StatusItems::uid_validity},
    {"UNSEEN", &StatusItems::unseen},
    {"HIGHESTMODSEQ", &StatusItems::highest_modseq},
    {"SIZE", &StatusItems::size},
    {"DELETED", &StatusItems::deleted},
    {"MAILBOXID", &StatusItems::mailbox_id},
    {"APPENDLIMIT", &StatusItems::append_limit},
};

}  // namespace

StatusItems parse_status_items(Parser& parser) {
  StatusItems out;
  parser.list([&] {
    const auto name = parser.upper_atom();
    for (const auto& row : kRows) {
      if (row.name != name) continue;
      out.*row.member = true;
      return;
    }
    parser.fail("a STATUS item");
  });
  return out;
}

void print_status_items(Printer& printer, const StatusItems& items) {
  printer.raw("(");
  bool first = true;
  for (const auto& row : kRows) {
    if (!(items.*row.member)) continue;
    printer.raw(first ? "" : " ").raw(row.name);
    first = false;
  }
  printer.raw(")");
}

}  // namespace imap
