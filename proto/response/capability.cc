// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/capability.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// capability-data = "CAPABILITY" *(SP capability)
CapabilityResponse CapabilityResponse::parse(Parser& parser) {
  CapabilityResponse out;
  for (;;) {
    parser.skip_spaces();
    if (parser.at_end()) return out;
    out.capabilities.emplace_back(parser.word());
  }
}

void CapabilityResponse::print(Printer& printer) const {
  printer.raw("* CAPABILITY");
  for (const auto& capability : capabilities) printer.sp().raw(capability);
  printer.crlf();
}

}  // namespace imap
