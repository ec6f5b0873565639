// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What a person calls a message costs 200 octets, a text often 100 times as much. So:
// 1. Both sides are asked for subject, sender and date. Where these are the same and no other doubtful message has
//    them, the pair is right.
// 2. Where they differ, the texts tell.
// 3. Where several are called alike (reports, say), each fourth text is read, and all of them if one is another's.
#include "sync/pass/pairing/doubtful_pairs.h"

#include <algorithm>
#include <set>

namespace mirror {

namespace {

constexpr std::size_t kSample = 4;  // one text of so many

using Doubtful = std::vector<ToolVerdict::Doubtful>;

const std::string* find(const MessageNames& names, imap::Uid uid) {
  const auto at = names.find(uid);
  return at == names.end() || at->second.empty() ? nullptr : &at->second;
}

// Two messages that have the same Message-ID, or none, and one name.
std::map<std::string, int> counts_of(const Doubtful& doubtful, const MessageNames& names, Side side) {
  std::map<std::string, int> out;
  for (const auto& one : doubtful)
    if (const auto* name = find(names, one.pair.uid(side))) ++out[*name];
  return out;
}

class Texts {
 public:
  Texts(PassContext& context, MailboxPair& mailbox) : context_(context), mailbox_(mailbox) {}

  asio::awaitable<void> read(const Doubtful& pairs) {
    imap::UidSet here, there;
    for (const auto& one : pairs) {
      here.add(one.pair.local);
      there.add(one.pair.remote);
    }
    auto texts_here = co_await digests_of(context_, *mailbox_.local, std::move(here));
    auto texts_there = co_await digests_of(context_, *mailbox_.remote, std::move(there));
    here_.merge(texts_here);
    there_.merge(texts_there);
    read_.insert(read_.end(), pairs.begin(), pairs.end());
  }

  // A text that a side does not give cannot tell: then sizes and dates do.
  bool are_same(const ToolVerdict::Doubtful& one) const {
    const auto here = here_.find(one.pair.local), there = there_.find(one.pair.remote);
    if (here == here_.end() || there == there_.end()) return is_near(*one.here, *one.there);
    return here->second == there->second;
  }
  bool all_are_same() const {
    return std::ranges::all_of(read_, [&](const auto& one) { return are_same(one); });
  }

  void conclude(ToolVerdict& verdict) const {
    std::set<std::string> texts_there;
    for (const auto& [uid, text] : there_) texts_there.insert(text);
    for (const auto& one : read_) {
      const auto here = here_.find(one.pair.local);
      if (are_same(one))
        verdict.found.add(one.pair, *one.here, *one.there);
      else if (here != here_.end() && texts_there.contains(here->second))
        ++verdict.strangers;
    }
  }

 private:
  PassContext& context_;
  MailboxPair& mailbox_;
  TextDigests here_, there_;
  Doubtful read_;
};

}  // namespace

DoubtfulPairs sort_doubtful(const Doubtful& doubtful, const MessageNames& here, const MessageNames& there) {
  DoubtfulPairs out;
  const auto counts_here = counts_of(doubtful, here, Side::Local),
             counts_there = counts_of(doubtful, there, Side::Remote);
  for (const auto& one : doubtful) {
    const auto *name = find(here, one.pair.local), *other = find(there, one.pair.remote);
    const bool known = name != nullptr && other != nullptr;
    if (known && *name == *other && counts_here.at(*name) == 1 && counts_there.at(*other) == 1)
      out.sure.push_back(one);
    else if ((known && *name != *other) || !is_near(*one.here, *one.there))
      out.unlike.push_back(one);
    else
      out.the_same.push_back(one);
  }
  return out;
}

asio::awaitable<void> settle_doubtful(PassContext& context, MailboxPair& mailbox, ToolVerdict& verdict) {
  if (verdict.doubtful.empty()) co_return;
  imap::UidSet here, there;
  for (const auto& one : verdict.doubtful) {
    here.add(one.pair.local);
    there.add(one.pair.remote);
  }
  const auto names_here = co_await mailbox.local->names(std::move(here));
  const auto names_there = co_await mailbox.remote->names(std::move(there));
  const auto sorted = sort_doubtful(verdict.doubtful, names_here, names_there);
  for (const auto& one : sorted.sure) verdict.found.add(one.pair, *one.here, *one.there);
  auto first = sorted.unlike;
  Doubtful rest;
  for (std::size_t i = 0; i < sorted.the_same.size(); ++i)
    (i % kSample == 0 ? first : rest).push_back(sorted.the_same[i]);
  Texts texts(context, mailbox);
  co_await texts.read(first);
  if (texts.all_are_same())
    for (const auto& one : rest) verdict.found.add(one.pair, *one.here, *one.there);
  else
    co_await texts.read(rest);
  texts.conclude(verdict);
}

}  // namespace mirror
