// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// SORT (RFC 5256 section 4, RFC 7162 section 3.1.5).
// No client of ours asks for it: to parse_response() it is unknown.
#pragma once

#include "proto/response/search.h"

namespace imap {

class Parser;
class Printer;

struct SortResponse {
  std::vector<std::uint32_t> numbers;  // in their order
  std::optional<ModSeq> modseq;

  static SortResponse parse(Parser& parser);  // behind "* " and the name
  void print(Printer& printer) const;         // with "* " and CRLF
  bool operator==(const SortResponse&) const = default;
};

}  // namespace imap
