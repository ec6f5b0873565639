// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What a Printer has printed, with the literals that it left to the sender in their places.
#pragma once

#include <string>
#include <utility>

#include "proto/printer.h"

namespace tests {

template <class... Print>
std::string whole_text(imap::Printer::Literals literals, const Print&... what) {
  std::string out, whole;
  imap::Printer printer(out, literals);
  print(printer, what...);
  std::size_t at = 0;
  for (const auto& splice : printer.splices()) {
    whole.append(out, at, splice.at - at);
    whole += splice.literal.bytes();
    at = splice.at;
  }
  return whole.append(out, at);
}

}  // namespace tests
