// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/noop.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 9051 section 6.1.2: noop = "NOOP"
NoopCommand NoopCommand::parse(Parser& parser) {
  parser.end();
  return {};
}

void NoopCommand::print(Printer& printer) const { printer.raw(kName); }

}  // namespace imap
