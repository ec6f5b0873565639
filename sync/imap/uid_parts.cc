// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/imap/uid_parts.h"

#include <algorithm>

#include "sync/client/refused_login.h"
#include "sync/imap/imap_stream.h"

namespace mirror {

namespace {

constexpr std::size_t kMostBarren = 48;

}  // namespace

UidParts::UidParts(std::string server, const imap::UidSet& wanted) : server_(std::move(server)) {
  again(wanted);
  if (!wanted.empty()) last_ = imap::UidSet::of(imap::Uid(wanted.ranges().back().last));
}

imap::UidSet UidParts::next(std::uint64_t most) {
  auto out = std::move(parts_.front());
  parts_.pop_front();
  if (out.size() <= most) return out;
  auto [now, later] = cut(out, most);
  parts_.push_front(std::move(later));
  return now;
}

void UidParts::again(const imap::UidSet& uids) {
  if (uids.empty()) return;
  for (auto& part : split(uids)) parts_.push_back(std::move(part));
}

void UidParts::first(const imap::UidSet& uids) {
  auto parts = split(uids);
  parts_.insert(parts_.begin(), parts.begin(), parts.end());
}

void UidParts::answered(const imap::UidSet& asked, const imap::UidSet& left, const imap::StatusResponse& answer) {
  const bool expunged = answer.code && answer.code->kind == imap::ResponseCode::Kind::ExpungeIssued;
  const bool gave = left.size() < asked.size();
  const bool refuses = !answer.is_ok() && !expunged && !left.empty();
  if (is_throttled(answer))
    throw Failure(base::Reason::Failed, server_ + " gives no messages for a while: " + answer.text);
  if (barren_ >= kMostBarren && asked.minus(last_).empty())
    throw MailboxFailure(base::Reason::Failed, server_ + " does not give messages: " + answer.text);
  if (barren_ >= kMostBarren) return;
  if (gave) barren_ = 0;
  if (!refuses) {
    if (gave && !expunged) again(left);
    return;
  }
  if (!gave) ++barren_;
  if (left.size() == 1)
    refused_.add(left);
  else
    halve(left);
  if (barren_ < kMostBarren) return;
  parts_.clear();
  parts_.push_back(last_);
}

void UidParts::halve(const imap::UidSet& uids) {
  const auto [lower, upper] = cut(uids, uids.size() / 2);
  first(upper);
  first(lower);
}

// The first so many, and the others.
std::pair<imap::UidSet, imap::UidSet> UidParts::cut(const imap::UidSet& uids, std::uint64_t at) {
  std::pair<imap::UidSet, imap::UidSet> out;
  std::uint64_t n = 0;
  for (const auto& range : uids.ranges()) {
    const auto size = std::uint64_t{range.last} - range.first + 1;
    const auto here = n < at ? std::min(size, at - n) : 0;
    const auto middle = static_cast<std::uint32_t>(range.first + here);  // the first of the others
    if (here > 0) out.first.add(imap::Uid(range.first), imap::Uid(middle - 1));
    if (here < size) out.second.add(imap::Uid(middle), imap::Uid(range.last));
    n += size;
  }
  return out;
}

}  // namespace mirror
