// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// EXISTS (RFC 9051 section 7.4.1).
#pragma once

#include <cstdint>

namespace imap {

class Parser;
class Printer;

struct ExistsResponse {
  std::uint32_t messages = 0;

  static ExistsResponse parse(Parser& parser);  // behind "* " and the name
  void print(Printer& printer) const;           // with "* " and CRLF
  bool operator==(const ExistsResponse&) const = default;
};

}  // namespace imap
