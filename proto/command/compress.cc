// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/compress.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 4978: compress = "COMPRESS" SP algorithm
CompressCommand CompressCommand::parse(Parser& parser) {
  parser.sp();
  CompressCommand out;
  out.mechanism = parser.upper_atom();
  parser.end();
  return out;
}

void CompressCommand::print(Printer& printer) const { printer.raw(kName).sp().raw(mechanism); }

}  // namespace imap
