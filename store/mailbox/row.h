// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Row: what a mailbox keeps in memory of a message. There is one for each message of each open mailbox, so it is small.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "proto/numbers.h"
#include "store/maildir/keywords.h"

namespace store {

// A file's name, without NUL, in a pointer's room.
class FileName {
 public:
  FileName() = default;
  template <std::convertible_to<std::string_view> T>
  FileName(const T& text) : FileName(std::string_view(text), 0) {}
  FileName(const FileName& other) : FileName(std::string_view(other), 0) {}
  FileName(FileName&& other) noexcept = default;
  FileName& operator=(FileName other) noexcept {
    octets_ = std::move(other.octets_);
    return *this;
  }
  ~FileName() = default;

  operator std::string_view() const { return octets_ ? std::string_view(octets_.get()) : std::string_view(); }
  bool operator==(std::string_view other) const { return std::string_view(*this) == other; }

 private:
  FileName(std::string_view text, int) : octets_(std::make_unique_for_overwrite<char[]>(text.size() + 1)) {
    *std::copy(text.begin(), text.end(), octets_.get()) = 0;
  }
  std::unique_ptr<char[]> octets_;
};

struct Row {
  imap::Uid uid;
  Keywords::Set keywords = 0;
  imap::ModSeq modseq;
  std::int64_t internal_date = 0;
  std::uint64_t wire_size = 0;  // 0: not counted yet, or nothing to count
  FileName name;                // as far as we know
  std::uint32_t size_mark = 0;  // of the file when it was complete; 0: not known (what our own names say is not kept)
  std::uint8_t system_flags = 0;
  bool in_new = false;
  bool growing : 1 = false;    // a foreign file that may not be complete
  bool counted : 1 = false;    // wire_size was counted, whatever the name says
  bool elsewhere : 1 = false;  // its text is not here yet: there is no file, and no name
};

}  // namespace store
