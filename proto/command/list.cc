// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/list.h"

#include "proto/parser.h"
#include "proto/printer.h"
#include "proto/status_items_text.h"

namespace imap {

namespace {

// Names in modified UTF-7, wildcards among them; what is not valid is kept as it came, and then matches nothing.
std::string decoded(const Parser& parser, std::string text) {
  if (parser.utf8) return text;
  if (auto utf8 = decode_modified_utf7(text)) return std::move(*utf8);
  return text;
}

ListSelect parse_select(Parser& parser) {
  ListSelect out;
  parser.list(
      [&] {
        const auto option = parser.upper_atom();
        if (option == "SUBSCRIBED")
          out.subscribed = true;
        else if (option == "REMOTE")
          out.remote = true;
        else if (option == "RECURSIVEMATCH")
          out.recursive_match = true;
        else if (option == "SPECIAL-USE")
          out.special_use = true;
        else
          parser.fail("a LIST selection option");
      },
      true);
  if (out.recursive_match && !out.subscribed && !out.special_use) parser.fail("RECURSIVEMATCH with another option");
  return out;
}

ListReturn parse_return(Parser& parser) {
  ListReturn out;
  parser.list(
      [&] {
        const auto option = parser.upper_atom();
        if (option == "SUBSCRIBED") {
          out.subscribed = true;
        } else if (option == "CHILDREN") {
          out.children = true;
        } else if (option == "SPECIAL-USE") {
          out.special_use = true;
        } else if (option == "STATUS") {
          parser.sp();
          out.status = parse_status_items(parser);
        } else {
          parser.fail("a LIST return option");
        }
      },
      true);
  return out;
}

// Prints the words that are on, spaces between them; says whether there was any.
bool print_words(Printer& printer, std::initializer_list<std::pair<bool, std::string_view>> options) {
  bool any = false;
  for (const auto& [on, name] : options) {
    if (!on) continue;
    printer.raw(any ? " " : "").raw(name);
    any = true;
  }
  return any;
}

}  // namespace

// RFC 9051 section 6.3.9, RFC 5258, RFC 5819, RFC 6154:
// list          = "LIST" [SP select-opts] SP mailbox SP patterns [SP "RETURN" SP "(" [return-opt *(SP return-opt)] ")"]
// select-opts   = "(" [select-opt *(SP select-opt)] ")"
// select-opt    = "SUBSCRIBED" / "REMOTE" / "RECURSIVEMATCH" / "SPECIAL-USE"   ; RECURSIVEMATCH not alone
// patterns      = list-mailbox / "(" list-mailbox *(SP list-mailbox) ")"
// return-opt    = "SUBSCRIBED" / "CHILDREN" / "SPECIAL-USE" / "STATUS" SP "(" status-att *(SP status-att) ")"
ListCommand ListCommand::parse(Parser& parser) {
  ListCommand out;
  parser.sp();
  if (parser.peek() == '(') {
    out.extended = true;
    out.select = parse_select(parser);
    parser.sp();
  }
  out.reference = decoded(parser, parser.astring());
  parser.sp();
  if (parser.peek() == '(') {
    out.extended = true;
    parser.list([&] { out.patterns.push_back(decoded(parser, parser.list_mailbox())); });
  } else {
    out.patterns.push_back(decoded(parser, parser.list_mailbox()));
  }
  if (parser.accept(' ') && !parser.at_end()) {
    parser.expect_word("RETURN");
    parser.sp();
    out.extended = true;
    out.returns = parse_return(parser);
  }
  parser.end();
  return out;
}

void ListCommand::print(Printer& printer) const {
  printer.raw(kName);
  const bool shows = patterns.size() != 1 || returns;  // that it is extended
  if (select != Select{} || (extended && !shows)) {
    printer.raw(" (");
    print_words(printer, {{select.subscribed, "SUBSCRIBED"},
                          {select.remote, "REMOTE"},
                          {select.recursive_match, "RECURSIVEMATCH"},
                          {select.special_use, "SPECIAL-USE"}});
    printer.raw(")");
  }
  printer.sp().pattern(reference).sp();
  if (patterns.size() == 1) {
    printer.pattern(patterns.front());
  } else {
    printer.raw("(");
    for (std::size_t i = 0; i < patterns.size(); ++i) printer.raw(i ? " " : "").pattern(patterns[i]);
    printer.raw(")");
  }
  if (!returns) return;
  printer.raw(" RETURN (");
  const bool any = print_words(
      printer,
      {{returns->subscribed, "SUBSCRIBED"}, {returns->children, "CHILDREN"}, {returns->special_use, "SPECIAL-USE"}});
  if (returns->status) {
    printer.raw(any ? " STATUS " : "STATUS ");
    print_status_items(printer, *returns->status);
  }
  printer.raw(")");
}

}  // namespace imap
