// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// NAMESPACE (RFC 2342).
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace imap {

class Parser;
class Printer;

struct NamespaceResponse {
  struct Entry {
    std::string prefix;
    std::optional<char> delimiter;
    bool operator==(const Entry&) const = default;
  };
  std::vector<Entry> personal, other, shared;  // empty: NIL

  static NamespaceResponse parse(Parser& parser);  // behind "* " and the name
  void print(Printer& printer) const;              // with "* " and CRLF
  bool operator==(const NamespaceResponse&) const = default;
};

}  // namespace imap
