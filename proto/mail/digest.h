// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Digest of a message's text, the same however a server keeps its line ends.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "proto/literal.h"

namespace mail {

// SHA-256 of octets that come in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void add(std::string_view piece);
  std::string finish();  // 32 octets; then it begins anew

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct Digest {
  std::string sha256;      // of the text without CR, 32 octets
  std::uint64_t size = 0;  // with CRLF at each line end, as RFC822.SIZE counts
  bool operator==(const Digest&) const = default;
};

Digest digest_of(const imap::Literal& text);

// SHA-256 of what the message says: without CR, and without the header lines that synchronisers add to their copies
// (mbsync's X-TUID, OfflineIMAP's X-OfflineIMAP).
std::string content_digest_of(const imap::Literal& text);

}  // namespace mail
