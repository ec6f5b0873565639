// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// SEARCH (RFC 3501 section 7.2.5, RFC 7162).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "proto/numbers.h"

namespace imap {

class Parser;
class Printer;

struct SearchResponse {
  std::vector<std::uint32_t> numbers;
  std::optional<ModSeq> modseq;  // RFC 7162

  static SearchResponse parse(Parser& parser);  // behind "* " and the name
  void print(Printer& printer) const;           // with "* " and CRLF
  bool operator==(const SearchResponse&) const = default;
};

}  // namespace imap
