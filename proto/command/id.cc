// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/id.h"

#include "proto/id_fields.h"
#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 2971: id = "ID" SP ("(" [string SP nstring *(SP string SP nstring)] ")" / nil)
IdCommand IdCommand::parse(Parser& parser) {
  IdCommand out;
  parser.sp();
  if (!parser.accept_nil()) {
    parser.list(
        [&] {
          auto name = parser.astring();
          parser.sp();
          auto value = parser.nstring();
          out.fields.emplace_back(std::move(name), std::move(value));
          if (out.fields.size() > 30) parser.fail("at most 30 fields");
        },
        true);
  }
  parser.end();
  return out;
}

void IdCommand::print(Printer& printer) const {
  printer.raw(kName).sp();
  print_id_fields(printer, fields);
}

}  // namespace imap
