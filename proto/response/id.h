// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ID (RFC 2971).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace imap {

class Parser;
class Printer;

struct IdResponse {
  std::vector<std::pair<std::string, std::optional<std::string>>> fields;  // empty: NIL

  static IdResponse parse(Parser& parser);  // behind "* " and the name
  void print(Printer& printer) const;       // with "* " and CRLF
  bool operator==(const IdResponse&) const = default;
};

}  // namespace imap
