// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// RECENT (RFC 3501 section 7.3.2).
#pragma once

#include <cstdint>

namespace imap {

class Parser;
class Printer;

struct RecentResponse {
  std::uint32_t messages = 0;

  static RecentResponse parse(Parser& parser);  // behind "* " and the name
  void print(Printer& printer) const;           // with "* " and CRLF
  bool operator==(const RecentResponse&) const = default;
};

}  // namespace imap
