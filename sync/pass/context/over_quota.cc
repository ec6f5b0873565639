// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pass/context/over_quota.h"

#include <algorithm>
#include <sstream>

#include "proto/base/clock.h"
#include "sync/journal/refused_messages.h"

namespace mirror {

namespace {

constexpr std::int64_t kLongestPause = 3600;  // seconds: who has made room waits for his mail

}  // namespace

OverQuota::OverQuota(std::string_view text) {
  std::istringstream in{std::string(text)};
  int side = 0;
  std::uint32_t number = 0;
  Full full;
  while (in >> side >> number >> full.tries >> full.next_try)
    full_[{side == 0 ? Side::Local : Side::Remote, number}] = full;
}

std::string OverQuota::text() const {
  std::ostringstream out;
  for (const auto& [mailbox, full] : full_)
    out << (mailbox.first == Side::Local ? 0 : 1) << ' ' << mailbox.second << ' ' << full.tries << ' ' << full.next_try
        << '\n';
  return out.str();
}

OverQuota::Ask OverQuota::may_send(Mailbox mailbox, bool at_once) const {
  if (full_.empty()) return Ask::All;
  const auto at = full_.find(mailbox);
  if (at == full_.end()) return Ask::One;
  if (refused_again_) return Ask::None;
  return at_once || at->second.next_try <= base::unix_now() ? Ask::One : Ask::None;
}

void OverQuota::refused(Mailbox mailbox) {
  refused_again_ = true;
  auto& full = full_[mailbox];
  full.next_try = base::unix_now() + std::min(pause_after(++full.tries), kLongestPause);
}

void OverQuota::taken() { full_.clear(); }

}  // namespace mirror
