// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// FLAGS (RFC 9051 section 7.3.5).
#pragma once

#include <string>
#include <vector>

namespace imap {

class Parser;
class Printer;

struct FlagsResponse {
  std::vector<std::string> flags;  // system flags with their backslash, keywords

  static FlagsResponse parse(Parser& parser);  // behind "* " and the name
  void print(Printer& printer) const;          // with "* " and CRLF
  bool operator==(const FlagsResponse&) const = default;
};

}  // namespace imap
