// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/id_fields.h"

#include "proto/printer.h"

namespace imap {

void print_id_fields(Printer& printer, const std::vector<std::pair<std::string, std::optional<std::string>>>& fields) {
  if (fields.empty()) {
    printer.raw("NIL");
    return;
  }
  printer.raw("(");
  bool first = true;
  for (const auto& [name, value] : fields) {
    if (!first) printer.sp();
    first = false;
    printer.string(name).sp().nstring(value);
  }
  printer.raw(")");
}

}  // namespace imap
