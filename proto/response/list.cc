// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/list.h"

#include <string>
#include <vector>

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

namespace {

// mbox-list-extended
std::vector<std::string> parse_child_info(Parser& parser) {
  std::vector<std::string> out;
  parser.list(
      [&] {
        const auto tag = parser.astring();
        parser.sp();
        if (equal_ignoring_case(tag, "CHILDINFO"))
          parser.list([&] { out.push_back(parser.astring()); }, true);
        else
          parser.skip_value();
      },
      true);
  return out;
}

}  // namespace

// mailbox-list = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox [SP mbox-list-extended];
// "LIST" and "LSUB" are told apart before
ListResponse ListResponse::parse(Parser& parser) {
  ListResponse out;
  parser.sp();
  if (!parser.accept_nil()) parser.list([&] { out.attributes.push_back(parser.flag_name()); }, true);
  parser.sp();
  if (parser.lenient && parser.accept_word("\"\\\" ")) {  // a backslash that is not quoted as it should be
    out.delimiter = '\\';
  } else {
    const auto delimiter = parser.nstring();
    if (delimiter && !delimiter->empty()) out.delimiter = delimiter->front();
    parser.sp();
  }
  out.wire_name = parser.astring();
  const auto decoded = decode_modified_utf7(out.wire_name);
  out.name = MailboxName(decoded.value_or(out.wire_name), out.delimiter.value_or('\0'));
  if (!parser.accept(' ') || parser.at_end()) return out;
  try {
    out.child_info = parse_child_info(parser);
  } catch (const SyntaxError&) {  // the name is known by now
    if (!parser.lenient) throw;
  }
  return out;
}

void ListResponse::print(Printer& printer) const {
  printer.raw(lsub ? "* LSUB (" : "* LIST (");
  bool first = true;
  for (const auto& attribute : attributes) {
    printer.raw(first ? "" : " ").raw(attribute);
    first = false;
  }
  printer.raw(") ");
  if (delimiter)
    printer.string(std::string_view(&*delimiter, 1));
  else
    printer.raw("NIL");
  printer.sp().mailbox(name);
  if (!child_info.empty()) {
    printer.raw(" (CHILDINFO (");
    first = true;
    for (const auto& info : child_info) {
      if (!first) printer.sp();
      first = false;
      printer.string(info);
    }
    printer.raw("))");
  }
  printer.crlf();
}

}  // namespace imap
