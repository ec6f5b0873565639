// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What a mailbox's messages are sorted, threaded and searched by, in memory: a column for each kind, read from the
// index (KeyReader) when it is first asked for, and forgotten when nobody has asked for a minute.
//
// A column never changes once others can see it: more messages make a new one. A UID means one text for ever, so what
// a column says of a message stays true; messages that are gone stay in it until it is read anew.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "proto/base/mutex.h"
#include "proto/mail/sort_keys.h"
#include "proto/numbers.h"
#include "proto/search/sort_order.h"
#include "proto/search/threads.h"

namespace store {

class KeyReader;
class MailboxImpl;

// Where a message lies in the columns; ascending UIDs are fastest.
class ColumnPlace {
 public:
  static constexpr std::size_t kNowhere = SIZE_MAX;
  explicit ColumnPlace(const std::vector<imap::Uid>& uids) : uids_(uids) {}
  std::size_t find(imap::Uid uid);

 private:
  const std::vector<imap::Uid>& uids_;
  std::size_t at_ = 0;
};

struct RankColumn {
  std::vector<imap::Uid> uids;
  std::vector<std::uint32_t> ranks;  // compare as the texts do
};

struct ThreadColumn {
  std::vector<imap::Uid> uids;
  std::vector<std::uint32_t> dates;
  std::vector<bool> replies;
  std::vector<std::uint64_t> subjects, ids, references;
  std::vector<std::size_t> ends;  // of each message's references
  std::size_t octets() const { return uids.size() * 33 + references.size() * 8; }
  imap::ThreadMessage message(std::size_t place) const;
  void append(const ThreadColumn& more);  // of messages behind these
};

struct TextColumn {
  std::vector<imap::Uid> uids;
  std::string text;               // all messages' texts, one behind the other
  std::vector<std::size_t> ends;  // of each message's text
  std::vector<bool> too_long;     // only the header tells it
  std::size_t octets() const { return uids.size() * 13 + text.size(); }
  std::vector<bool> holding(const std::string& folded) const;  // by place
  void append(const TextColumn& more);                         // of messages behind these
};

// Holds a column for those who come next.
template <class Column>
class ColumnSlot {
 public:
  std::shared_ptr<const Column> get() {
    const base::MutexLock lock(mutex_);
    used_ = std::chrono::steady_clock::now();
    return column_;
  }
  void put(std::shared_ptr<const Column> column) {
    const base::MutexLock lock(mutex_);
    column_ = std::move(column);
  }
  void clear_unused(std::chrono::steady_clock::duration idle) {
    const base::MutexLock lock(mutex_);
    if (std::chrono::steady_clock::now() - used_ >= idle) column_.reset();
  }

 private:
  base::Mutex mutex_;
  std::shared_ptr<const Column> column_ GUARDED_BY(mutex_);
  std::chrono::steady_clock::time_point used_ GUARDED_BY(mutex_);
};

// Thread-safe. Columns hold every message of the mailbox up to `last`.
class KeyColumns {
 public:
  explicit KeyColumns(MailboxImpl& mailbox) : mailbox_(mailbox) {}
  using Stop = std::function<bool()>;

  std::shared_ptr<const RankColumn> ranks(imap::SortKey key, imap::Uid last, const Stop& stop);
  std::shared_ptr<const ThreadColumn> threads(imap::Uid last, const Stop& stop);
  // nullptr: it would take too much memory.
  std::shared_ptr<const TextColumn> texts(mail::SearchTexts::Field field, imap::Uid last, const Stop& stop);
  // What is there already; nullptr: nothing that reaches so far.
  std::shared_ptr<const TextColumn> texts_at_hand(mail::SearchTexts::Field field, imap::Uid last);

  void forget();  // a message's text may be another one than was thought
  void forget_unused(std::chrono::steady_clock::duration idle);

 private:
  std::shared_ptr<const RankColumn> kept_ranks(imap::SortKey key, imap::Uid last) const;
  std::shared_ptr<RankColumn> make_ranks(imap::SortKey key, const Stop& stop, bool& complete);
  template <class Column, class Take>
  std::shared_ptr<const Column> column(ColumnSlot<Column>& slot, imap::Uid last, const Stop& stop, Take take);

  MailboxImpl& mailbox_;
  std::atomic<std::uint64_t> forgotten_ = 0;  // how often
  ColumnSlot<RankColumn> ranks_[9];
  ColumnSlot<ThreadColumn> threads_;
  ColumnSlot<TextColumn> texts_[mail::SearchTexts::kFields];
};

}  // namespace store
