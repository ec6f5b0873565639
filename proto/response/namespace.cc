// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/namespace.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 2342: namespace-response = "NAMESPACE" SP namespace SP namespace SP namespace; namespace = nil / "(" 1*("("
// string SP (quoted-char / nil) *ext ")") ")"
NamespaceResponse NamespaceResponse::parse(Parser& parser) {
  NamespaceResponse out;
  for (auto* entries : {&out.personal, &out.other, &out.shared}) {
    parser.sp();
    if (parser.accept_word("NIL")) continue;
    parser.expect('(');
    while (parser.accept('(')) {
      Entry entry;
      entry.prefix = parser.nstring().value_or("");
      parser.sp();
      const auto delimiter = parser.nstring();
      if (delimiter && !delimiter->empty()) entry.delimiter = delimiter->front();
      while (parser.accept(' ')) parser.skip_value();
      parser.expect(')');
      parser.skip_spaces();
      entries->push_back(std::move(entry));
    }
    parser.expect(')');
  }
  return out;
}

void NamespaceResponse::print(Printer& printer) const {
  printer.raw("* NAMESPACE");
  for (const auto* entries : {&personal, &other, &shared}) {
    if (entries->empty()) {
      printer.raw(" NIL");
      continue;
    }
    printer.raw(" (");
    for (const auto& entry : *entries) {
      printer.raw("(").string(entry.prefix).sp();
      if (entry.delimiter)
        printer.string(std::string_view(&*entry.delimiter, 1));
      else
        printer.raw("NIL");
      printer.raw(")");
    }
    printer.raw(")");
  }
  printer.crlf();
}

}  // namespace imap
