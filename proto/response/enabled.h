// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ENABLED (RFC 5161).
#pragma once

#include <string>
#include <vector>

namespace imap {

class Parser;
class Printer;

struct EnabledResponse {
  std::vector<std::string> capabilities;

  static EnabledResponse parse(Parser& parser);  // behind "* " and the name
  void print(Printer& printer) const;            // with "* " and CRLF
  bool operator==(const EnabledResponse&) const = default;
};

}  // namespace imap
