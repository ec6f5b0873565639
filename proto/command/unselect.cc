// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/unselect.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 3691: unselect = "UNSELECT"
UnselectCommand UnselectCommand::parse(Parser& parser) {
  parser.end();
  return {};
}

void UnselectCommand::print(Printer& printer) const { printer.raw(kName); }

}  // namespace imap
