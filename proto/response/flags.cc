// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/flags.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// mailbox-data = "FLAGS" SP flag-list
FlagsResponse FlagsResponse::parse(Parser& parser) {
  FlagsResponse out;
  parser.sp();
  if (parser.accept_nil()) return out;
  parser.list([&] { out.flags.push_back(parser.flag_name()); }, true);
  return out;
}

void FlagsResponse::print(Printer& printer) const {
  printer.raw("* FLAGS (");
  bool first = true;
  for (const auto& flag : flags) {
    printer.raw(first ? "" : " ").raw(flag);
    first = false;
  }
  printer.raw(")\r\n");
}

}  // namespace imap
