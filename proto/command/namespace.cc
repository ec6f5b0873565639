// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/namespace.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 2342: namespace = "NAMESPACE"
NamespaceCommand NamespaceCommand::parse(Parser& parser) {
  parser.end();
  return {};
}

void NamespaceCommand::print(Printer& printer) const { printer.raw(kName); }

}  // namespace imap
