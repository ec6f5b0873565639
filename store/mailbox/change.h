// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Change: the only way in which a mailbox changes: whole, or as if it had never been.
//
// 1. What is to be is drafted: a Draft a mailbox (two for COPY and MOVE). Memory stays as it is.
// 2. prepare() writes what must be on disk before files get their names; then the caller makes the files, which it has
//    staged.
// 3. commit() writes one batch to the index. From then on the change has happened, and memory is made to say so. Of a
//    change that brings many messages the rows are written before, in pieces: no row counts whose UID is announced, and
//    not below the mailbox record's UIDNEXT, which is in that batch.
// 4. A Change that ends without having been committed takes back what it did on disk. Where the disk does not even
//    allow that, the mailbox owes it: the next change or the worker does it. A simulated crash takes back nothing.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "proto/base/result.h"
#include "store/mailbox/mailbox_state.h"
#include "store/state.h"

namespace store {

// Who makes a change, where its caller does not say it.
inline const std::string kAnotherProgram = "another program", kClient = "client";
inline const std::string& client_or(const std::string& by) { return by.empty() ? kClient : by; }

// What the ledger is to say of a change besides what it does.
struct Story {
  std::string by{};                        // who makes it
  bool is_listing = false;                 // what was known before is void
  bool moves_away = false;                 // what is expunged is told by the mailbox where it goes
  std::vector<std::string> message_ids{};  // of those added; empty: they are not known
  std::string from_id{};                   // those added are copies of messages of that mailbox
  imap::UidSet from{};
  bool moved = false;  // and are there no more
};

// What a change makes of one mailbox. Its change_mutex is held as long as this lives.
class Draft {
 public:
  explicit Draft(MailboxState& mailbox) REQUIRES(mailbox.change_mutex);

  const MessageTable& table() const {
    mailbox_.change_mutex.assert_held();
    return mailbox_.table();
  }
  MailboxState& mailbox() { return mailbox_; }
  const std::string& mailbox_id() const { return mailbox_.id; }
  std::string mailbox_name() const {
    mailbox_.change_mutex.assert_held();
    return mailbox_.name().utf8();
  }
  imap::ModSeq modseq() const { return table().record().highest_modseq.next(); }  // of what changes

  keys::MailboxRecord record;  // as it will be
  Story story;

  const Keywords& keywords() const { return own_keywords_ ? *own_keywords_ : table().keywords(); }
  Keywords& own_keywords();  // to be changed
  Keywords::Set intern(const std::vector<std::string>& names);
  Keywords::Set intern(std::vector<std::uint32_t> numbers);

  // Makes sure that the next `count` UIDs are never given again. Refuses where there are not so many.
  base::Result<void> reserve_uids(std::uint64_t count);

  // `comes`: the change itself makes its file, which is therefore doomed until the commit.
  void add(Row row, bool comes);
  void leave_out(const imap::UidSet& uids);  // of those added: there is no file
  void bring(Row row);                       // the text of a message that was elsewhere: the change makes its file
  void update(Row row) { updated_.push_back(std::move(row)); }
  void note_keywords(const Row& row, Keywords::Set before);  // for the text file, where letters do not say them
  // And unlinks its file; by: who removes the message, which is kept for a while then.
  void expunge(const Row& row, const std::string& by = {});
  // Their files are gone already, or hold other messages.
  void lose(const imap::UidSet& uids, MessageTable::How how) {
    removed_.add(uids);
    if (how == MessageTable::How::Seen) seen_.add(uids);
  }
  void rename_later(imap::Uid uid) { pending_.add(uid); }
  void erase_content(imap::Uid uid) { stale_content_.push_back(uid); }
  void forget_doomed(std::size_t count) { unlinked_ = count; }  // the first of them
  void keep_doomed(DoomedFile file) { doomed_.push_back(std::move(file)); }
  void write_also(std::function<void(IndexBatch&)> write) { also_ = std::move(write); }  // in the commit's batch
  // With each row that was added: what belongs to it. The number is its place in added().
  void write_with_added(std::function<void(IndexBatch&, std::size_t)> write) { with_added_ = std::move(write); }
  void end_renames() { ends_renames_ = true; }

  const std::vector<Row>& added() const { return added_; }
  const std::vector<Row>& updated() const { return updated_; }
  const imap::UidSet& removed() const { return removed_; }
  bool is_empty() const { return added_.empty() && updated_.empty() && removed_.empty() && unlinked_ == 0; }

 private:
  friend class Change;
  void prepare();
  void announce();
  void erase_owed();
  void write_ahead();  // the rows that are added, where they are many
  void write_to(IndexBatch& batch) const;
  void write_expunges(IndexBatch& batch) const;
  void erase_messages(IndexBatch& batch, const imap::UidSet& uids) const;
  void put_added(IndexBatch& batch, std::size_t place) const;
  template <class F>
  void for_each_that_comes(F f) const {  // its row
    for (const auto* rows : {&added_, &updated_})
      for (const auto& row : *rows)
        if (coming_.contains(row.uid)) f(row);
  }
  void put_row(IndexBatch& batch, const Row& row) const;
  std::size_t too_old() const;  // how many of the log's expunges are to be forgotten
  void apply();
  bool remove_files() const;  // that the change has made, or would have; false: some are there
  void take_back(bool files_are_gone);

  MailboxState& mailbox_;
  std::optional<Keywords> own_keywords_;
  std::vector<Row> added_, updated_;
  std::vector<imap::Uid> stale_content_;
  imap::UidSet removed_, pending_;
  imap::UidSet seen_;  // of removed_: nobody has told us to
  std::vector<DoomedFile> doomed_;
  std::size_t unlinked_ = 0;
  std::function<void(IndexBatch&)> also_;
  std::function<void(IndexBatch&, std::size_t)> with_added_;
  bool ends_renames_ = false;
  imap::UidSet coming_;             // of added_ and updated_: those whose files the change makes
  std::string lines_, lines_back_;  // for the text file, and what takes them back
  std::optional<std::vector<std::string>> letters_before_;
  bool wrote_lines_ = false, announced_ = false;
  std::size_t ahead_ = 0;  // of added_: written before the commit
};

class Change {
 public:
  explicit Change(MailboxState& mailbox, const std::string& by = kAnotherProgram) REQUIRES(mailbox.change_mutex);
  ~Change();
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;

  Draft& draft() { return *drafts_.front(); }
  Draft& draft_of(MailboxState& mailbox) REQUIRES(mailbox.change_mutex);  // another mailbox, or the same

  // A file that is to be removed where nothing comes of the change; those that drafts announce are so anyhow.
  void stage(const std::filesystem::path& path) { staged_.push_back(path.native()); }
  void prepare();
  // Throws what the index throws, and what at_commit throws: then nothing has happened.
  void commit(const AtCommit& at_commit = {}, std::span<const imap::Uid> uids = {}, bool durable = true);

 private:
  StoreCore& core_;
  std::vector<std::unique_ptr<Draft>> drafts_;
  void tell() const;  // the ledger

  std::vector<std::string> staged_;  // no paths: one takes a kilobyte
  bool committed_ = false;
};

}  // namespace store
