// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/idle.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 2177: idle = "IDLE"
IdleCommand IdleCommand::parse(Parser& parser) {
  parser.end();
  return {};
}

void IdleCommand::print(Printer& printer) const { printer.raw(kName); }

}  // namespace imap
