// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What an intent says of a message that is copied on the server, and whose text is not read: in the place of its digest
// 16 octets of NUL, then the mark of its Message-ID and its internal date. By these it is found again also where its
// copy here has gone on meanwhile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proto/base/big_endian.h"

namespace mirror {

struct MovedMark {
  std::uint64_t message = 0;  // sync/message_mark.h; 0: it has no Message-ID
  std::int64_t internal_date = 0;
};

inline std::string digest_of(const MovedMark& mark) {
  std::string out(16, '\0');
  base::put_big_endian(out, mark.message);
  base::put_big_endian(out, static_cast<std::uint64_t>(mark.internal_date));
  return out;
}

inline bool is_of_a_copy(std::string_view digest) {
  return digest.size() == 32 && digest.find_first_not_of('\0') >= 16;
}

inline std::optional<MovedMark> moved_mark(std::string_view digest) {
  if (!is_of_a_copy(digest)) return std::nullopt;
  MovedMark out;
  out.message = base::get_big_endian<std::uint64_t>(digest.substr(16));
  out.internal_date = static_cast<std::int64_t>(base::get_big_endian<std::uint64_t>(digest.substr(24)));
  if (out.message == 0) return std::nullopt;
  return out;
}

}  // namespace mirror
