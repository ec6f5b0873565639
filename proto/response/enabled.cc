// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/enabled.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// enabled-data = "ENABLED" *(SP capability)
EnabledResponse EnabledResponse::parse(Parser& parser) {
  EnabledResponse out;
  for (;;) {
    parser.skip_spaces();
    if (parser.at_end()) return out;
    out.capabilities.emplace_back(parser.word());
  }
}

void EnabledResponse::print(Printer& printer) const {
  printer.raw("* ENABLED");
  for (const auto& capability : capabilities) printer.sp().raw(capability);
  printer.crlf();
}

}  // namespace imap
