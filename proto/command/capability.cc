// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/capability.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 9051 section 6.1.1: capability = "CAPABILITY"
CapabilityCommand CapabilityCommand::parse(Parser& parser) {
  parser.end();
  return {};
}

void CapabilityCommand::print(Printer& printer) const { printer.raw(kName); }

}  // namespace imap
