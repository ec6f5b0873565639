// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// MessageTable: what a mailbox holds in memory of its messages: rows, keywords, counters and the log of expunges.
//
// Memory only: no function here makes a system call or asks the index. It has no lock of its own: see MailboxState for
// who may read it and who may write.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "proto/sequence_set.h"
#include "store/changes.h"
#include "store/index/keys.h"
#include "store/mailbox.h"
#include "store/mailbox/base_table.h"
#include "store/mailbox/row.h"
#include "store/maildir/keywords.h"
#include "store/message.h"

namespace store {

class MessageTable {
 public:
  enum class How : std::uint8_t { Seen, Said };  // its file was gone; or somebody told us to remove it
  struct Expunge {
    imap::ModSeq modseq;
    imap::Uid uid;
    How how = How::Seen;
  };

  const std::vector<Row>& rows() const { return rows_; }  // ascending by UID
  const Row* find(imap::Uid uid) const;                   // null: there is none
  const Row* find_by_base(std::string_view name) const;   // by the base name of a file, whatever its flags
  template <class F>
  void for_each(const imap::UidSet& uids, F f) const;

  const keys::MailboxRecord& record() const { return record_; }
  const Keywords& keywords() const { return keywords_; }
  const std::deque<Expunge>& expunges() const { return expunges_; }  // ascending by mod-sequence
  imap::Uid claimed() const { return imap::Uid(claimed_.load()); }   // messages above it are \Recent to nobody yet

  // What IMAP says of them.
  MailboxStatus status() const;  // without the mailbox's id
  static Message message_of(const Row& row, const Keywords& keywords);
  std::vector<Message> messages(const imap::UidSet& uids) const;
  Changes changes_since(imap::ModSeq since) const;
  std::optional<imap::Uid> first_unseen() const;
  imap::UidSet unclaimed() const;

  // A message's file: "cur/name" or "new/name".
  static std::string path_of(const Row& row) { return std::string(row.in_new ? "new/" : "cur/").append(row.name); }
  std::string wanted_path(const Row& row) const;            // as the index wants it: flags and directory
  bool is_misnamed(const Row& row) const;                   // it has another
  std::vector<std::string> paths_of(const Row& row) const;  // all that the file may have at this moment
  bool is_being_renamed(imap::Uid uid) const { return renaming_.contains(uid.value); }
  const std::string* renamed_to(imap::Uid uid) const;  // null: it is not being renamed

  // What changes it.
  void set_record(keys::MailboxRecord record) { record_ = std::move(record); }
  void swap_keywords(Keywords& keywords) { std::swap(keywords_, keywords); }
  void add(std::vector<Row>& rows);     // ascending, and above those that are here; `rows` receives nothing useful
  void update(std::vector<Row>& rows);  // those that are here; `rows` receives what they were
  void remove(const imap::UidSet& uids);
  void log_expunges(const imap::UidSet& uids, imap::ModSeq modseq, How how);
  void cut_log(std::size_t count);  // forgets the oldest
  imap::UidSet claim();             // all that nobody has claimed
  void set_claimed(imap::Uid uid) { claimed_ = uid.value; }
  void begin_rename(imap::Uid uid, std::string to) { renaming_[uid.value] = std::move(to); }
  void end_renames() { renaming_.clear(); }
  void clear();  // rows and expunges

  void index_bases();  // of the rows whose names do not tell their UIDs; after many rows were changed
  void index_base(const Row& row);

 private:
  bool wants_new(const Row& row) const {
    return row.in_new && row.system_flags == 0 && row.keywords == 0 && row.uid > claimed();
  }
  std::vector<Row>::iterator position(imap::Uid uid);
  void count(const Row& row, int by);

  std::vector<Row> rows_;
  keys::MailboxRecord record_;  // but for `claimed`
  Keywords keywords_;
  std::deque<Expunge> expunges_;
  std::atomic<std::uint32_t> claimed_{0};
  std::uint32_t unseen_ = 0, deleted_ = 0;
  BaseTable bases_;
  std::unordered_map<std::uint32_t, std::string> renaming_;  // by UID: the path that a file is being given just now
};

template <class F>
void MessageTable::for_each(const imap::UidSet& uids, F f) const {
  for (const auto& range : uids.ranges())
    for (auto it = std::ranges::lower_bound(rows_, imap::Uid(range.first), {}, &Row::uid);
         it != rows_.end() && it->uid.value <= range.last; ++it)
      f(*it);
}

}  // namespace store
