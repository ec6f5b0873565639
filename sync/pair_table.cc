// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pair_table.h"

#include <algorithm>

namespace mirror {

void PairTable::put(Pair pair) {
  erase_remote(pair.remote);
  if (const auto at = remote_of_local_.find(pair.local.value); at != remote_of_local_.end())
    erase_remote(imap::Uid(at->second));
  remote_of_local_[pair.local.value] = pair.remote.value;
  const auto remote = pair.remote.value;
  by_remote_.insert_or_assign(remote, std::move(pair));
}

void PairTable::erase_remote(imap::Uid remote) {
  const auto at = by_remote_.find(remote.value);
  if (at == by_remote_.end()) return;
  remote_of_local_.erase(at->second.local.value);
  by_remote_.erase(at);
}

const Pair* PairTable::find(Side side, imap::Uid uid) const {
  auto remote = uid.value;
  if (side == Side::Local) {
    const auto at = remote_of_local_.find(uid.value);
    if (at == remote_of_local_.end()) return nullptr;
    remote = at->second;
  }
  const auto at = by_remote_.find(remote);
  return at == by_remote_.end() ? nullptr : &at->second;
}

bool PairTable::set_flags_by_remote(imap::Uid remote, imap::FlagSet flags) {
  const auto at = by_remote_.find(remote.value);
  if (at == by_remote_.end()) return false;
  at->second.flags = std::move(flags);
  return true;
}

imap::UidSet PairTable::uids(Side side) const {
  std::vector<std::uint32_t> all;
  all.reserve(by_remote_.size());
  for (const auto& [uid, pair] : by_remote_) all.push_back(pair.uid(side).value);
  std::sort(all.begin(), all.end());
  imap::UidSet out;
  for (const auto uid : all) out.add(imap::Uid(uid));
  return out;
}

}  // namespace mirror
