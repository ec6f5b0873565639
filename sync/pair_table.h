// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// PairTable: the base of one mailbox: which local message is which remote one,
// and the flags both had when they last agreed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "proto/flags.h"
#include "proto/numbers.h"
#include "proto/sequence_set.h"

namespace mirror {

enum class Side : std::uint8_t { Local, Remote };
inline Side other(Side side) { return side == Side::Local ? Side::Remote : Side::Local; }

struct Pair {
  imap::Uid local, remote;
  imap::FlagSet flags;
  std::uint64_t mark = 0;  // of its Message-ID, as the remote side has it; 0: not known
  imap::Uid uid(Side side) const { return side == Side::Local ? local : remote; }
  bool operator==(const Pair&) const = default;
};

// The pair of a message that was copied to a side.
inline Pair pair_towards(Side to, imap::Uid source, imap::Uid copy, imap::FlagSet flags) {
  if (to == Side::Local) return {copy, source, std::move(flags), 0};
  return {source, copy, std::move(flags), 0};
}

inline const char* name_of(Side side) { return side == Side::Local ? "local" : "remote"; }

class PairTable {
 public:
  // Replaces what had one of its UIDs.
  void put(Pair pair);
  void erase_remote(imap::Uid remote);
  const Pair* find(Side side, imap::Uid uid) const;
  bool set_flags_by_remote(imap::Uid remote, imap::FlagSet flags);
  std::size_t size() const { return by_remote_.size(); }
  bool empty() const { return by_remote_.empty(); }
  imap::UidSet uids(Side side) const;  // for a full comparison and for QRESYNC

  template <class F>
  void for_each(F f) const {
    for (const auto& [uid, pair] : by_remote_) f(pair);
  }

 private:
  std::unordered_map<std::uint32_t, Pair> by_remote_;
  std::unordered_map<std::uint32_t, std::uint32_t> remote_of_local_;
};

}  // namespace mirror
