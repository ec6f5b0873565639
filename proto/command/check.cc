// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/check.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 3501 section 6.4.1: check = "CHECK"
CheckCommand CheckCommand::parse(Parser& parser) {
  parser.end();
  return {};
}

void CheckCommand::print(Printer& printer) const { printer.raw(kName); }

}  // namespace imap
