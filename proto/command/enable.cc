// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/enable.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 5161: enable = "ENABLE" 1*(SP capability)
EnableCommand EnableCommand::parse(Parser& parser) {
  EnableCommand out;
  parser.sp();
  do out.capabilities.push_back(parser.upper_atom());
  while (parser.accept(' ') && !parser.at_end());
  parser.end();
  return out;
}

void EnableCommand::print(Printer& printer) const {
  printer.raw(kName);
  for (const auto& capability : capabilities) printer.sp().raw(capability);
}

}  // namespace imap
