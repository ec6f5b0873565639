// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/list.h"

#include "proto/parser.h"
#include "proto/printer.h"
#include "proto/status_items_text.h"

namespace imap {

// RFC 9051 section 6.3.9, RFC 5258, RFC 5819, RFC 6154: list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat
// [SP "RETURN" SP "(" [return-option *(SP return-option)] ")"] list-select-opts = "(" [option *(SP option)] ")", option
// = "SUBSCRIBED" / "REMOTE" / "RECURSIVEMATCH" / "SPECIAL-USE" mbox-or-pat = list-mailbox / "(" list-mailbox *(SP
// list-mailbox) ")" return-option = "SUBSCRIBED" / "CHILDREN" / "SPECIAL-USE" / "STATUS" SP "(" status-att *(SP
// status-att) ")"
ListCommand ListCommand::parse(Parser& parser) {
  ListCommand out;
  const auto pattern = [&] {
    auto text = parser.list_mailbox();
    // The wildcards are no part of the name, so what stands between them is decoded, not the whole.
    return parser.utf8 ? text : decode_modified_utf7(text).value_or(text);
  };
  parser.sp();
  if (parser.peek() == '(') {
    out.extended = true;
    parser.list(
        [&] {
          const auto option = parser.upper_atom();
          if (option == "SUBSCRIBED")
            out.select.subscribed = true;
          else if (option == "REMOTE")
            out.select.remote = true;
          else if (option == "RECURSIVEMATCH")
            out.select.recursive_match = true;
          else if (option == "SPECIAL-USE")
            out.select.special_use = true;
          else
            parser.fail("a LIST selection option");
        },
        true);
    if (out.select.recursive_match && !out.select.subscribed && !out.select.special_use)
      parser.fail("RECURSIVEMATCH with another option");
    parser.sp();
  }
  auto reference = parser.astring();
  out.reference = parser.utf8 ? reference : decode_modified_utf7(reference).value_or(reference);
  parser.sp();
  if (parser.peek() == '(') {
    out.extended = true;
    parser.list([&] { out.patterns.push_back(pattern()); });
  } else {
    out.patterns.push_back(pattern());
  }
  if (parser.accept(' ')) {
    out.extended = true;
    parser.expect_word("RETURN");
    parser.sp();
    out.returns.emplace();
    parser.list(
        [&] {
          const auto option = parser.upper_atom();
          if (option == "SUBSCRIBED")
            out.returns->subscribed = true;
          else if (option == "CHILDREN")
            out.returns->children = true;
          else if (option == "SPECIAL-USE")
            out.returns->special_use = true;
          else if (option == "STATUS") {
            parser.sp();
            out.returns->status = parse_status_items(parser);
          } else {
            parser.fail("a LIST return option");
          }
        },
        true);
  }
  parser.end();
  return out;
}

void ListCommand::print(Printer& printer) const {
  printer.raw(kName);
  const auto words = [&](std::initializer_list<std::pair<bool, std::string_view>> options) {
    bool first = true;
    for (const auto& [on, name] : options) {
      if (!on) continue;
      if (!first) printer.sp();
      first = false;
      printer.raw(name);
    }
    return !first;
  };
  if (select != Select{}) {
    printer.raw(" (");
    words({{select.subscribed, "SUBSCRIBED"},
           {select.remote, "REMOTE"},
           {select.recursive_match, "RECURSIVEMATCH"},
           {select.special_use, "SPECIAL-USE"}});
    printer.raw(")");
  }
  const auto name = [&](const std::string& text) { printer.sp().string(encode_modified_utf7(text)); };
  name(reference);
  if (patterns.size() == 1) {
    name(patterns.front());
  } else {
    printer.raw(" (");
    bool first = true;
    for (const auto& text : patterns) {
      if (!first) printer.sp();
      first = false;
      printer.string(encode_modified_utf7(text));
    }
    printer.raw(")");
  }
  if (!returns) return;
  printer.raw(" RETURN (");
  const bool any = words(
      {{returns->subscribed, "SUBSCRIBED"}, {returns->children, "CHILDREN"}, {returns->special_use, "SPECIAL-USE"}});
  if (returns->status) {
    printer.raw(any ? " STATUS " : "STATUS ");
    print_status_items(printer, *returns->status);
  }
  printer.raw(")");
}

}  // namespace imap
