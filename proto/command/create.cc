// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/create.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 9051 section 6.3.4, RFC 6154: create = "CREATE" SP mailbox [SP "(" create-param *(SP create-param) ")"]
// create-param = "USE" SP "(" [use-attr *(SP use-attr)] ")"
CreateCommand CreateCommand::parse(Parser& parser) {
  parser.sp();
  CreateCommand out;
  out.mailbox = parser.mailbox();
  if (parser.accept(' ') && !parser.at_end()) {
    parser.list([&] {
      parser.expect_word("USE");
      parser.sp();
      parser.list(
          [&] {
            if (parser.peek() != '\\') parser.fail("a special use");
            out.special_use.push_back(parser.flag_name());
            if (out.special_use.back() == "\\*") parser.fail("a special use");
          },
          true);
    });
  }
  parser.end();
  return out;
}

void CreateCommand::print(Printer& printer) const {
  printer.raw(kName).sp().mailbox(mailbox);
  if (special_use.empty()) return;
  printer.raw(" (USE (");
  for (std::size_t i = 0; i < special_use.size(); ++i) printer.raw(i ? " " : "").raw(special_use[i]);
  printer.raw("))");
}

}  // namespace imap
