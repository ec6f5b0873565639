// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/close.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 9051 section 6.4.1: close = "CLOSE"
CloseCommand CloseCommand::parse(Parser& parser) {
  parser.end();
  return {};
}

void CloseCommand::print(Printer& printer) const { printer.raw(kName); }

}  // namespace imap
