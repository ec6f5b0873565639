// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ESEARCH (RFC 4731, RFC 9051 section 7.3.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "proto/numbers.h"
#include "proto/sequence_set.h"

namespace imap {

class Parser;
class Printer;

struct EsearchResponse {
  std::optional<std::string> tag;
  bool by_uid = false;
  std::optional<std::uint32_t> min, max;
  std::optional<std::uint64_t> count;
  std::optional<SequenceSet> all;
  std::optional<ModSeq> modseq;

  static EsearchResponse parse(Parser& parser);  // behind "* " and the name
  void print(Printer& printer) const;            // with "* " and CRLF
  bool operator==(const EsearchResponse&) const = default;
};

}  // namespace imap
