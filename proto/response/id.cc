// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/id.h"

#include "proto/id_fields.h"
#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 2971: id-response = "ID" SP ("(" [string SP nstring *(SP string SP nstring)] ")" / nil)
IdResponse IdResponse::parse(Parser& parser) {
  IdResponse out;
  parser.sp();
  if (parser.accept_word("NIL")) return out;
  parser.list(
      [&] {
        auto name = parser.nstring();
        parser.sp();
        auto value = parser.nstring();
        out.fields.emplace_back(name.value_or(""), std::move(value));
      },
      true);
  return out;
}

void IdResponse::print(Printer& printer) const {
  printer.raw("* ID ");
  print_id_fields(printer, fields);
  printer.crlf();
}

}  // namespace imap
