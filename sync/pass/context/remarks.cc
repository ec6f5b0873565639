// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pass/context/remarks.h"

#include <algorithm>
#include <utility>

namespace mirror {

// Two sets of UIDs in one order say who is who as long as both ascend: elsewhere another remark begins.
void Remarks::add(std::vector<Pair> pairs, const std::string& text) {
  std::ranges::sort(pairs, {}, &Pair::local);
  bool begins = true;
  imap::Uid last(0);
  for (const auto& pair : pairs) {
    if (std::exchange(begins, false) || pair.remote <= last) remarks_.push_back({{}, {}, text});
    remarks_.back().here.add(pair.local);
    remarks_.back().there.add(pair.remote);
    last = pair.remote;
  }
}

void Remarks::add(Side side, imap::Uid uid, const std::string& text) {
  remarks_.push_back({{}, {}, text});
  (side == Side::Local ? remarks_.back().here : remarks_.back().there).add(uid);
}

asio::awaitable<void> Remarks::tell(ReplicaMailbox& local) {
  auto remarks = std::exchange(remarks_, {});
  if (!remarks.empty()) co_await local.remark(std::move(remarks));
}

std::vector<Pair> pairs_among(const PairTable& pairs, Side side, const imap::UidSet& uids) {
  std::vector<Pair> out;
  uids.for_each([&](imap::Uid uid) {
    if (const auto* pair = pairs.find(side, uid)) out.push_back(*pair);
  });
  return out;
}

}  // namespace mirror
