// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/starttls.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 9051 section 6.2.1: starttls = "STARTTLS"
StarttlsCommand StarttlsCommand::parse(Parser& parser) {
  parser.end();
  return {};
}

void StarttlsCommand::print(Printer& printer) const { printer.raw(kName); }

}  // namespace imap
