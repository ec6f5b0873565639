// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// MailboxImpl: one mailbox of a store: its rows in memory, its files and its records in the index.
//
// Order of what is durable (DESIGN: a message that was acknowledged survives a power cut): a file's data before its
// name, the name before the index, the index before the answer. Flags are safe in the index when change_flags returns;
// the file's name follows behind, and until then the index wins.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "store/feed.h"
#include "store/index/contents.h"
#include "store/index/index.h"
#include "store/index/keys.h"
#include "store/mail_store.h"
#include "store/mailbox.h"
#include "store/mailbox/base_table.h"
#include "store/mailbox/row.h"
#include "store/maildir/file_events.h"
#include "store/maildir/foreign_file.h"
#include "store/maildir/keywords.h"
#include "store/maildir/maildir.h"
#include "store/maildir/watch.h"

namespace store {

struct MailboxFile;
struct NewContentLink;

class MailboxImpl;

// What mailboxes need of their store.
struct StoreCore {
  StoreOptions options;
  std::filesystem::path root;
  std::unique_ptr<Index> index;
  std::unique_ptr<Contents> contents;
  std::unique_ptr<Watch> watch;  // null: not watching
  Feed<StoreEvent> feed;

  // Renames and unlinks that follow behind are done by the store's worker thread.
  std::function<void(std::shared_ptr<MailboxImpl>)> work_later;
};

class MailboxImpl final : public Mailbox, public std::enable_shared_from_this<MailboxImpl> {
 public:
  using Place = std::pair<std::uint64_t, std::uint64_t>;                         // device and inode of cur/
  static std::optional<Place> place_of(const std::filesystem::path& directory);  // nullopt: errno

  MailboxImpl(StoreCore& core, imap::MailboxName name, std::filesystem::path directory);

  // Reads the text file, the index and the directory. Called once, before anybody else sees the mailbox.
  void load(const std::function<imap::UidValidity()>& fresh_validity);

  imap::MailboxName name() const override;
  MailboxStatus status() const override;
  bool is_deleted() const override { return deleted_; }
  std::vector<std::string> keywords() const override;
  std::vector<imap::Uid> uids() const override;
  std::optional<imap::Uid> first_unseen() const override;
  std::uint64_t size() override;
  std::vector<Message> messages(const imap::UidSet& uids) const override;
  Changes changes_since(imap::ModSeq since) const override;
  imap::UidSet claim_recent() override;
  imap::UidSet unclaimed_recent() const override;
  base::Result<std::vector<imap::Uid>> append(std::span<NewMessage> messages, const AtCommit& at_commit) override;
  base::Result<Copied> copy_to(const imap::UidSet& uids, Mailbox& to, const AtCommit& at_commit) override;
  base::Result<Copied> move_to(const imap::UidSet& uids, Mailbox& to, const AtCommit& at_commit) override;
  base::Result<FlagsChanged> change_flags(const imap::UidSet& uids, imap::FlagChange change, const imap::FlagSet& flags,
                                          std::optional<imap::ModSeq> unchanged_since,
                                          const AtCommit& at_commit) override;
  base::Result<imap::UidSet> expunge(const std::optional<imap::UidSet>& uids, const AtCommit& at_commit) override;
  base::Result<imap::UidSet> remove(const imap::UidSet& uids, const AtCommit& at_commit) override;
  std::unique_ptr<ContentReader> reader() override;
  std::vector<imap::Uid> search(const imap::SearchKey& key, const imap::UidSet& among,
                                const std::function<bool()>& stop) override;
  void check() override;
  Subscription subscribe(std::function<void()> f) override;

  // For the store.
  bool work();  // renames and unlinks that are due; whether some are left
  bool has_work() const;
  bool is_idle() const;  // nothing is under way, to be done, or known that the index does not know
  void stop_watching();
  // Notes when the directory was last seen unchanged by others, which saves the next open a scan. False: too early.
  bool settle();
  // Somebody else changed the directory, or may have without our being told. Waits for nothing.
  bool wants_check() const { return dirty_ || events_.any() || !watched_; }
  bool is_told() const;  // of changes by somebody else
  // While this is held neither the worker nor anybody else uses the mailbox's directory.
  struct Paused {
    std::unique_lock<std::mutex> work, state;
  };
  Paused pause() { return {std::unique_lock(work_mutex_), std::unique_lock(mutex_)}; }
  void renamed(imap::MailboxName name, std::filesystem::path directory);  // paused
  void mark_deleted();                                                    // also drops the mailbox's records
  bool is_displaced() const;  // somebody else took its directory away, or put another mailbox there
  void start_watching();
  const std::string& id() const { return id_; }

  // For readers of content.
  StoreCore& core() { return core_; }
  // The file of a message, opened; nullopt: gone. `name` receives the name it has.
  std::optional<base::FileDescriptor> open_file(imap::Uid uid, std::string& name) const;
  void link_contents(std::span<const NewContentLink> links);
  void sizes_counted(std::span<const std::pair<imap::Uid, std::uint64_t>> sizes);

 private:
  struct Transfer;
  // All of these want mutex_ held.
  std::vector<Row>::iterator find(imap::Uid uid);
  std::vector<Row>::const_iterator find(imap::Uid uid) const;
  template <class F>
  void for_each_row(const imap::UidSet& uids, F f) const;
  Message message_of(const Row& row) const;
  std::string name_for(const Row& row) const;  // as the index wants it: flags and directory
  bool wants_new(const Row& row) const {
    return row.in_new && row.system_flags == 0 && row.keywords == 0 && row.uid > record_.claimed;
  }
  bool is_pending(const Row& row) const;
  std::vector<std::string> paths_of(const Row& row) const;  // all that the file may have at this moment
  std::string path_of(const Row& row) const { return std::string(row.in_new ? "new/" : "cur/").append(row.name); }
  void put_row(IndexBatch& batch, const Row& row) const;
  void put_record(IndexBatch& batch) const;
  void put_content(IndexBatch& batch, imap::Uid uid, const Contents::Use& content, const keys::FileStamp& file) const;
  void copy_contents(IndexBatch& batch, const Transfer& transfer) const;
  void erase_content(IndexBatch& batch, imap::Uid uid) const;
  void finish(IndexBatch& batch, const AtCommit& at_commit, std::span<const imap::Uid> uids);
  imap::ModSeq next_modseq() { return record_.highest_modseq = record_.highest_modseq.next(); }
  void reserve_uids(std::uint64_t count);
  // Before files of new rows get their names: until the rows are in the index those files are doomed, so that a crash
  // leaves all of a change or nothing.
  void intend(const std::vector<Row>& rows);
  void erase_messages(IndexBatch& batch, const imap::UidSet& uids) const;  // rows and contents
  void log_expunge(IndexBatch& batch, imap::Uid uid, imap::ModSeq modseq);
  void trim_log();  // after a change is committed
  void changed();   // tells the feeds; mutex_ not held
  base::Result<imap::UidSet> remove_where(const std::function<bool(const Row&)>& condition, const AtCommit& at_commit);
  base::Result<Copied> transfer(const imap::UidSet& uids, MailboxImpl& to, bool move, const AtCommit& at_commit);
  bool duplicate(const Row& source, const Row& row, Transfer& transfer) const;
  Row row_like(const Row& source, imap::Uid uid, const Transfer& transfer) const;
  bool make_files(Transfer& transfer) const;
  void commit(Transfer& transfer, const AtCommit& at_commit);
  base::Result<void> check_alive() const;
  base::Result<void> check_room_for(const imap::FlagSet& flags) const;
  void load_letters();
  void save_letters();
  std::optional<keys::MailboxRecord> stored_record(const std::string& id) const;
  void mend_file();
  std::optional<MailboxFile> file_by_index() const;
  void begin_record(std::optional<keys::MailboxRecord> known, imap::UidValidity uid_validity);
  void take_up(bool moved);
  void rebuild(bool adopted);
  bool is_copy(const keys::MailboxRecord& record) const;
  bool load_rows(bool known);
  void rise_above_floor();
  void forget_rows();
  void erase_rows(IndexBatch& batch) const;
  void doom(imap::Uid uid, std::string path);
  void undoom_bases(std::size_t from, std::size_t to);  // of doomed_, which keeps its entries

  // What follows behind (mailbox_work.cc).
  enum class Outcome : std::uint8_t { Done, Gone, NoRoom, Blocked };  // NoRoom: the name is too long
  struct Rename {
    imap::Uid uid;
    std::string from, to;
    Outcome outcome = Outcome::Blocked;
  };
  struct Unlink {
    imap::Uid uid;
    std::string path;
    Outcome outcome = Outcome::Blocked;
  };
  struct Chores {
    std::filesystem::path directory;
    std::vector<Rename> renames;
    std::vector<Unlink> unlinks;
    std::string complaint;
    void do_all();  // mutex_ not held
    void do_rename(Rename& rename);
    template <class F>
    Outcome attempt(const F& f);
  };
  Chores take_chores();
  void conclude_rename(IndexBatch& batch, Chores& chores, Rename& rename);
  void give_other_base(const Row& row, Chores& chores, Rename& rename);
  void conclude_unlinks(IndexBatch& batch, const Chores& chores);

  // What others did (scan.cc, arrivals.cc).
  struct Findings {
    IndexBatch batch;
    imap::ModSeq modseq;  // of what changed
    bool any = false;     // something did
  };
  struct Touched {  // what happened to the files of one base name
    std::set<std::string> paths, removed;
    std::set<std::string> whole;  // files that were written elsewhere
    bool left = false;
  };
  void look_where_needed();
  void scan(bool rebuilding);
  void digest();
  bool explains(const FileEvent& event);
  bool look();  // false: what became of some message is not known yet
  void part_twins();
  void follow(Findings& findings, Row& row, const FoundFile& file);
  void lose(Findings& findings, const imap::UidSet& lost);
  void adopt(Findings& findings, const std::vector<FoundFile>& files, bool rebuilding);
  void leave_out_closed(std::vector<Arrival>& arrivals);
  void note_twins(const std::vector<Arrival>& arrivals, const std::vector<FoundFile>& files);
  Row row_of(const Arrival& arrival, imap::ModSeq modseq);
  std::optional<imap::Uid> recorded_uid(std::string_view base) const;
  void give_uids(std::vector<Row>& rows, const std::vector<std::size_t>& without, bool rebuilding);
  void index_bases();
  bool measure_again();
  void conclude(Findings& findings);
  void name_letters(std::uint32_t letters);
  std::vector<Row>::iterator find_by_base(std::string_view name);
  bool is_watched() const { return watches_.size() == 2; }
  std::pair<std::int64_t, std::int64_t> directory_times() const;

  StoreCore& core_;
  std::mutex work_mutex_;  // held by the worker; before mutex_
  mutable std::mutex mutex_;
  // State below is protected by mutex_, but for the atomics.
  imap::MailboxName name_;
  std::filesystem::path directory_;
  mutable Place place_;  // when id_ was last seen there
  std::string id_;
  keys::MailboxRecord record_;
  Keywords keywords_;
  std::vector<std::string> letters_saved_;  // what dovecot-keywords holds
  imap::Uid reserved_{1};                   // the text file's uidnext
  std::vector<Row> rows_;                   // ascending by UID
  std::deque<std::pair<imap::ModSeq, imap::Uid>> gone_;
  BaseTable bases_;                                      // of rows whose names do not tell their UIDs
  std::unordered_map<std::string, imap::Uid> recorded_;  // base name to UID, of the text file, until the rows are read
  std::unordered_map<std::uint32_t, std::vector<std::string>>
      more_keywords_;            // of the text file, until the rows are read
  std::set<imap::Uid> pending_;  // rows whose file has not the name it should have
  std::unordered_map<std::uint32_t, std::string>
      renaming_;                                           // by UID: the path that the worker is giving a file just now
  std::vector<std::pair<imap::Uid, std::string>> doomed_;  // files to be unlinked: "cur/name"
  std::unordered_multiset<std::string> doomed_bases_;
  FileEvents events_;
  std::map<std::string, Touched> touched_;              // by base name: to be looked at
  std::map<std::string, std::set<std::string>> twins_;  // by base name: more files of one message
  std::map<imap::Uid, Measured> growing_;  // whose files may not have been complete when they were measured
  std::atomic<bool> deleted_{false};
  std::atomic<bool> dirty_{false};    // somebody else changed the directory
  std::atomic<bool> watched_{false};  // both directories are
  bool has_closed_ = false;           // files that cannot be read lie in the directory, or did when it was read
  bool working_ = false;
  std::string complaint_;  // of the last round of work
  Feed<> feed_;
  std::vector<std::shared_ptr<void>> watches_;
};

template <class F>
void MailboxImpl::for_each_row(const imap::UidSet& uids, F f) const {
  for (const auto& range : uids.ranges())
    for (auto it = std::ranges::lower_bound(rows_, imap::Uid(range.first), {}, &Row::uid);
         it != rows_.end() && it->uid.value <= range.last; ++it)
      f(*it);
}

}  // namespace store
