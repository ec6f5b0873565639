// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// SORT and THREAD of what a search has found: keys from the columns in memory, ARRIVAL and SIZE from the rows.
#include <algorithm>
#include <chrono>
#include <system_error>

#include "proto/search/sort_order.h"
#include "proto/search/threads.h"
#include "store/mailbox/mailbox_impl.h"
#include "store/mailbox/search/key_columns.h"
#include "store/mailbox/search/key_reader.h"

namespace store {

namespace {

using Keys = std::vector<std::uint64_t>;
using Stop = std::function<bool()>;

// Messages that are gone count as empty.
class Sorter {
 public:
  Sorter(MailboxImpl& mailbox, const std::vector<imap::Uid>& found, const Stop& stop)
      : mailbox_(mailbox), found_(found), stop_(stop) {}

  Keys keys(imap::SortKey key) {
    switch (key) {
      case imap::SortKey::Arrival: return arrivals();
      case imap::SortKey::Date: return dates();
      case imap::SortKey::Size: return sizes();
      default: return ranks(key);
    }
  }

  Keys arrivals() {
    return of_rows([](const Message& message) { return message.internal_date; });
  }

  // A date that cannot be read is the message's arrival.
  Keys dates() {
    const auto column = mailbox_.columns().threads(found_.back(), stop_);
    auto out = of_column(column->uids, column->dates);
    Keys arrived;
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (out[i] != 0) continue;
      if (arrived.empty()) arrived = arrivals();
      out[i] = static_cast<std::uint32_t>(arrived[i]);
    }
    return out;
  }

 private:
  Keys ranks(imap::SortKey key) {
    const auto column = mailbox_.columns().ranks(key, found_.back(), stop_);
    return of_column(column->uids, column->ranks);
  }

  Keys sizes() {
    const auto reader = mailbox_.reader();
    return of_rows(
        [&](const Message& message) { return message.size ? *message.size : reader->size(message.uid).value_or(0); });
  }

  Keys of_column(const std::vector<imap::Uid>& uids, const std::vector<std::uint32_t>& values) {
    Keys out;
    out.reserve(found_.size());
    ColumnPlace place(uids);
    for (const auto uid : found_) {
      const auto at = place.find(uid);
      out.push_back(at == ColumnPlace::kNowhere ? 0 : values[at]);
    }
    return out;
  }

  template <class F>
  Keys of_rows(F f) {
    constexpr std::size_t kSlice = 512;
    Keys out(found_.size());
    for (std::size_t from = 0, end = 0; from < found_.size(); from = end) {
      if (stop_ && stop_()) throw SearchStopped{};
      end = std::min(from + kSlice, found_.size());
      auto at = from;
      for (const auto& message : mailbox_.messages(imap::UidSet::between(found_[from], found_[end - 1]))) {
        while (at < end && found_[at] < message.uid) ++at;
        if (at < end && found_[at] == message.uid) out[at] = static_cast<std::uint64_t>(f(message));
      }
    }
    return out;
  }

  MailboxImpl& mailbox_;
  const std::vector<imap::Uid>& found_;
  const Stop& stop_;
};

}  // namespace

std::vector<imap::Uid> MailboxImpl::sort(const imap::SortProgram& program, const std::vector<imap::Uid>& found,
                                         const std::function<bool()>& stop) {
  if (found.empty()) return {};
  Sorter sorter(*this, found, stop);
  std::vector<Keys> keys;
  std::vector<imap::SortColumn> columns;
  for (const auto& criterion : program) keys.push_back(sorter.keys(criterion.key));
  for (std::size_t i = 0; i < keys.size(); ++i) columns.push_back({keys[i], program[i].reverse});
  std::vector<imap::Uid> out;
  out.reserve(found.size());
  for (const auto position : imap::sorted_positions(found.size(), columns)) out.push_back(found[position]);
  return out;
}

imap::Threads MailboxImpl::threads(imap::ThreadAlgorithm algorithm, const std::vector<imap::Uid>& found,
                                   const std::function<bool()>& stop) {
  if (found.empty()) return {};
  const auto column = columns().threads(found.back(), stop);
  const auto dates = Sorter(*this, found, stop).dates();
  std::vector<imap::ThreadMessage> messages;
  messages.reserve(found.size());
  ColumnPlace place(column->uids);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto at = place.find(found[i]);
    messages.push_back(at == ColumnPlace::kNowhere ? imap::ThreadMessage{.number = found[i].value, .references = {}}
                                                   : column->message(at));
    messages.back().date = static_cast<std::uint32_t>(dates[i]);
  }
  auto out = imap::make_threads(algorithm, messages, stop);
  if (stop && stop()) throw SearchStopped{};
  return out;
}

// Of mail that others brought they are made here, before anybody asks for them: some of it at a time, so that the
// worker does not keep its mailboxes waiting. A deleted mailbox has no messages.
void MailboxImpl::look_after_keys() {
  constexpr auto kAtATime = std::chrono::milliseconds(100);
  const auto end = std::chrono::steady_clock::now() + kAtATime;
  columns_.forget_unused(std::chrono::seconds(30));
  const auto all = uids();
  auto next = std::ranges::upper_bound(all, keys_kept_);
  if (next == all.end()) return;
  const auto reader = key_reader();
  for (; next != all.end() && std::chrono::steady_clock::now() < end; ++next) {
    const auto message = messages(imap::UidSet::between(*next, *next));
    if (!message.empty() && message.front().complete) try {
        reader->keep_keys(*next);
      } catch (const std::system_error&) {  // it cannot be read now
      }
    keys_kept_ = *next;
  }
}

}  // namespace store
