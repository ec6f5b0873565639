// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// MailboxImpl: one mailbox of a store: its rows in memory, its files and its records in the index.
//
// Order of what is durable (DESIGN: a message that was acknowledged survives a power cut): a file's data before its
// name, the name before the index, the index before the answer. Flags are safe in the index when change_flags returns;
// the file's name follows behind, and until then the index wins.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "proto/base/mutex.h"
#include "store/feed.h"
#include "store/index/index.h"
#include "store/mail_store.h"
#include "store/mailbox/behind/write_behind.h"
#include "store/mailbox/change.h"
#include "store/mailbox/foreign/compare.h"
#include "store/mailbox/mailbox_state.h"
#include "store/mailbox/message_table.h"
#include "store/mailbox/search/key_columns.h"
#include "store/mailbox_files.h"
#include "store/maildir/file_events.h"
#include "store/maildir/foreign_file.h"
#include "store/maildir/maildir.h"
#include "store/maildir/watch.h"

namespace store {

struct ExpectedMessage;
struct MailboxFile;
struct NewContentLink;
struct WrittenFile;
class KeyReader;

class MailboxImpl final : public Mailbox, public std::enable_shared_from_this<MailboxImpl> {
 public:
  using Place = std::pair<std::uint64_t, std::uint64_t>;                         // device and inode of cur/
  static std::optional<Place> place_of(const std::filesystem::path& directory);  // nullopt: errno

  MailboxImpl(StoreCore& core, imap::MailboxName name, std::filesystem::path directory);

  // Reads the text file, the index and the directory. Called once, before anybody else sees the mailbox.
  void load(const std::function<imap::UidValidity()>& fresh_validity);

  imap::MailboxName name() const override;
  MailboxStatus status() const override;
  bool is_deleted() const override { return state_.deleted; }
  std::vector<std::string> keywords() const override;
  std::vector<imap::Uid> uids() const override;
  std::optional<imap::Uid> first_unseen() const override;
  std::uint64_t size() override;
  std::vector<Message> messages(const imap::UidSet& uids) const override;
  Changes changes_since(imap::ModSeq since) const override;
  imap::UidSet claim_recent() override;
  imap::UidSet unclaimed_recent() const override;
  base::Result<std::vector<imap::Uid>> append(std::span<NewMessage> messages, const AtCommit& at_commit,
                                              const std::string& by) override;
  base::Result<Copied> copy_to(const imap::UidSet& uids, Mailbox& to, const AtCommit& at_commit,
                               const std::string& by) override;
  base::Result<Copied> move_to(const imap::UidSet& uids, Mailbox& to, const AtCommit& at_commit,
                               const std::string& by) override;
  base::Result<FlagsChanged> change_flags(const imap::UidSet& uids, imap::FlagChange change, const imap::FlagSet& flags,
                                          std::optional<imap::ModSeq> unchanged_since, const AtCommit& at_commit,
                                          const std::string& by) override;
  base::Result<imap::UidSet> expunge(const std::optional<imap::UidSet>& uids, const AtCommit& at_commit,
                                     const std::string& by) override;
  base::Result<imap::UidSet> remove(const imap::UidSet& uids, const AtCommit& at_commit,
                                    const std::string& by) override;
  void remark(const imap::UidSet& uids, const imap::UidSet& there, const std::string& by,
              const std::string& text) override;
  std::unique_ptr<ContentReader> reader() override;
  std::vector<imap::Uid> search(const imap::SearchKey& key, const imap::UidSet& among,
                                const std::function<bool()>& stop) override;
  std::vector<imap::Uid> sort(const imap::SortProgram& program, const std::vector<imap::Uid>& found,
                              const std::function<bool()>& stop) override;
  imap::Threads threads(imap::ThreadAlgorithm algorithm, const std::vector<imap::Uid>& found,
                        const std::function<bool()>& stop) override;
  void check() override;
  bool check_soon() override;
  Subscription subscribe(std::function<void()> f) override;
  MailboxFiles files() const;

  // For the store.
  bool work() { return behind_.round(); }
  bool has_work() const;
  bool is_idle() const;  // nothing is under way, to be done, or known that the index does not know
  void stop_watching();
  // Notes when the directory was last seen unchanged by others, which saves the next open a scan. False: too early.
  bool settle();
  // Somebody else changed the directory, or may have without our being told. Waits for nothing.
  bool wants_check() const { return state_.dirty || events_.any() || !watched_; }
  bool is_told() const;  // of changes by somebody else
  // While this is held neither the worker nor anybody else uses the mailbox's directory.
  struct Paused {
    base::UniqueLock behind;
    MovableChangeLock change;
  };
  Paused pause() { return {behind_.pause(), MovableChangeLock(state_.change_mutex)}; }
  void renamed(imap::MailboxName name, std::filesystem::path directory);  // paused
  void mark_deleted();                                                    // also drops the mailbox's records
  void expect_removal(bool soon) { leaving_ = soon; }                     // its directory is being taken away by us
  bool is_displaced() const;  // somebody else took its directory away, or put another mailbox there
  void start_watching();
  const std::string& id() const { return state_.id; }

  // For readers of content.
  StoreCore& core() { return core_; }
  KeyColumns& columns() { return columns_; }
  void look_after_keys();  // now and then: makes some that are missing, forgets columns that nobody uses
  std::unique_ptr<KeyReader> key_reader();
  // The file of a message, opened; nullopt: gone. `name` receives the name it has.
  std::optional<base::FileDescriptor> open_file(imap::Uid uid, std::string& name) const;
  // A column, for the next opening; not where the mailbox is being changed, or is_true() says no.
  void keep_ranks(const std::string& key, const std::string& record, const std::function<bool()>& is_true);
  void link_contents(std::span<const NewContentLink> links);
  void sizes_counted(std::span<const std::pair<imap::Uid, std::uint64_t>> sizes);
  // Somebody reads a message's file, which is so now. Waits for no change. What may be kept of it:
  struct Opened {
    bool growing = false;
    std::optional<std::uint64_t> wire_size;  // that was counted; else only our own names tell it
  };
  Opened opened(imap::Uid uid, const Measured& file);

  base::Result<std::vector<imap::Uid>> expect(std::span<const ExpectedMessage> messages);
  base::Result<void> bring(imap::Uid uid, const imap::Literal& text);  // both: see elsewhere.h

 private:
  struct Spool;
  struct Copying;
  struct WrittenWith {  // a change: also, and by whom
    const AtCommit& at_commit;
    const std::string& by;
  };
  struct FlagsWanted {
    const imap::FlagSet& flags;
    std::optional<imap::ModSeq> unchanged_since;
  };

  const MessageTable& table() const REQUIRES(state_.change_mutex) { return state_.table(); }
  base::Result<void> check_alive() const;
  static base::Result<void> check_room_for(const imap::FlagSet& flags, const MessageTable& table);
  base::Result<void> check_appendable(std::span<const NewMessage> messages, const MessageTable& table) const;
  static void draft_appended(Draft& draft, const Spool& spool, std::span<const NewMessage> messages);
  void sync_names(const Draft& draft, const std::filesystem::path& directory) const;
  base::Result<Row> brought(imap::Uid uid, const WrittenFile& file) const REQUIRES(state_.change_mutex);
  FlagsChanged draft_flags(Draft& draft, const imap::UidSet& uids, imap::FlagChange change, const FlagsWanted& wanted)
      REQUIRES(state_.change_mutex);
  // kept_by: the removed messages are kept, as removed by it; empty: they are not.
  base::Result<imap::UidSet> remove_where(const std::function<bool(const Row&)>& condition, const AtCommit& at_commit,
                                          const std::string& kept_by);
  base::Result<imap::UidSet> remove_first(const std::function<bool(const Row&)>& condition, std::size_t most,
                                          const AtCommit& at_commit, const std::string& kept_by);
  base::Result<Copied> copy_or_move(const imap::UidSet& uids, MailboxImpl& to, bool move, const WrittenWith& with);
  base::Result<Copied> copy_locked(const imap::UidSet& uids, MailboxImpl& to, bool move, const WrittenWith& with)
      REQUIRES(state_.change_mutex, to.state_.change_mutex);
  base::Result<std::vector<imap::Uid>> sources_for(const imap::UidSet& uids, const MailboxImpl& to, bool move) const
      REQUIRES(state_.change_mutex, to.state_.change_mutex);
  bool duplicate(const Row& source, const Row& row, Copying& copying) const REQUIRES(state_.change_mutex);
  Row row_like(const Row& source, imap::Uid uid, Draft& there) const REQUIRES(state_.change_mutex);
  bool make_files(Copying& copying) const REQUIRES(state_.change_mutex);
  void commit(Copying& copying, const WrittenWith& with, std::span<const imap::Uid> uids) REQUIRES(state_.change_mutex);
  void changed();                                     // tells the feeds; no lock held
  void write_record() REQUIRES(state_.change_mutex);  // as it is
  std::unexpected<base::Refusal> failed();            // in a handler; no lock held

  void load_letters(Keywords& keywords) REQUIRES(state_.change_mutex);
  std::optional<keys::MailboxRecord> stored_record(const std::string& id) const;
  void mend_file() REQUIRES(state_.change_mutex);
  std::optional<MailboxFile> file_by_index() const REQUIRES(state_.change_mutex);
  void begin_record(std::optional<keys::MailboxRecord> known, imap::UidValidity uid_validity)
      REQUIRES(state_.change_mutex);
  void load_known(bool moved) REQUIRES(state_.change_mutex);
  void rebuild(bool adopted) REQUIRES(state_.change_mutex);
  bool is_copy(const keys::MailboxRecord& record) const REQUIRES(state_.change_mutex);
  imap::UidSet load_doomed() REQUIRES(state_.change_mutex);  // whose files they are
  bool load_rows(bool known) REQUIRES(state_.change_mutex);
  void erase_uncommitted(const imap::UidSet& uids) const REQUIRES(state_.change_mutex);
  void note_growing(const imap::UidSet& uids) REQUIRES(state_.change_mutex);
  void rise_above_floor() REQUIRES(state_.change_mutex);
  void forget_rows() REQUIRES(state_.change_mutex);
  void erase_rows(IndexBatch& batch) const REQUIRES(state_.change_mutex);
  void erase_ranks(IndexBatch& batch) const REQUIRES(state_.change_mutex);

  // What others did (touched.cc, scan.cc, adopt.cc, growing.cc, rewritten.cc).
  struct Growing {
    Measured last;            // when it was looked at
    std::int64_t since = 0;   // Unix seconds: it has not changed since
    bool was_closed = false;  // its writer has closed it
  };
  struct ForeignChange {  // what others did, as a change of ours
    explicit ForeignChange(MailboxState& state) REQUIRES(state.change_mutex)
        : change(state), draft(change.draft()), modseq(draft.modseq()) {}
    Change change;
    Draft& draft;
    imap::ModSeq modseq;  // of what changed
    bool any = false;     // something did
    // Once this has happened: what is growing, and what is neither that nor rewritten any more.
    std::map<imap::Uid, Growing> growing;
    imap::UidSet looked_at;
    std::vector<std::pair<imap::Uid, Measured>> complete;
  };
  bool is_there();  // its directory is, as far as can be told; no lock held
  struct News {
    bool any = false;   // to be told
    bool work = false;  // for the worker
  };
  News look() REQUIRES(state_.change_mutex);
  void tell(News news);  // no lock held
  void look_where_needed() REQUIRES(state_.change_mutex);
  void scan(bool rebuilding) REQUIRES(state_.change_mutex);
  KnownFiles known_files() const REQUIRES(state_.change_mutex) {
    return {state_.table(), state_.doomed, state_.pending};
  }
  Findings read_directory() const REQUIRES(state_.change_mutex);
  void take_up(ForeignChange& foreign, Findings findings, bool rebuilding) REQUIRES(state_.change_mutex);
  void digest() REQUIRES(state_.change_mutex);
  Findings look_at(const std::string& base, Touched& touched) REQUIRES(state_.change_mutex);
  void was_closed(const std::string& path) REQUIRES(state_.change_mutex);
  bool look_at_touched() REQUIRES(state_.change_mutex);  // false: what became of some message is not known yet
  void part_twins() REQUIRES(state_.change_mutex);
  void part(const std::string& path) REQUIRES(state_.change_mutex);
  void follow(ForeignChange& foreign, const Finding& finding) REQUIRES(state_.change_mutex);
  void lose(ForeignChange& foreign, const imap::UidSet& lost, MessageTable::How how = MessageTable::How::Seen)
      REQUIRES(state_.change_mutex);
  void adopt(ForeignChange& foreign, const std::vector<FoundFile>& files, bool rebuilding)
      REQUIRES(state_.change_mutex);
  void take_kept_elsewhere(std::vector<Row>& rows, const std::unordered_set<std::uint32_t>& taken)
      REQUIRES(state_.change_mutex);
  static Growing growing_of(const Arrival& arrival);
  void leave_out_closed(std::vector<Arrival>& arrivals) REQUIRES(state_.change_mutex);
  void note_twins(const std::vector<Arrival>& arrivals, const std::vector<FoundFile>& files)
      REQUIRES(state_.change_mutex);
  static Row row_of(ForeignChange& foreign, const Arrival& arrival);
  std::optional<imap::Uid> recorded_uid(std::string_view base) const REQUIRES(state_.change_mutex);
  void give_uids(Draft& draft, std::vector<Row>& rows, const std::vector<std::size_t>& without, bool rebuilding)
      REQUIRES(state_.change_mutex);
  bool look_again();                                     // at those files; no lock held; tells whom it concerns
  bool look_at_growing() REQUIRES(state_.change_mutex);  // whether some are complete now
  bool has_become_complete(int directory, const Row& row, Growing& growing) const REQUIRES(state_.change_mutex);
  std::optional<Measured> read_early(imap::Uid uid) const;
  static Row completed(ForeignChange& foreign, const Row& row, const Measured& now);
  using Replaced = std::pair<imap::Uid, Measured>;  // a message, and its file as it is now
  void replace(int directory, ForeignChange& foreign, const std::vector<Replaced>& old) REQUIRES(state_.change_mutex);
  std::vector<Replaced> find_rewritten(int directory, ForeignChange& foreign) const REQUIRES(state_.change_mutex);
  bool look_at_some_sizes() REQUIRES(state_.change_mutex);  // whether all were looked at
  void note_rewritten(const std::vector<FileEvent>& events) REQUIRES(state_.change_mutex);
  std::optional<Measured> when_it_came(imap::Uid uid) const REQUIRES(state_.change_mutex);
  bool knows_rewritten() const;  // or no lock
  void add_rewritten(std::set<imap::Uid>&& uids);
  void conclude(ForeignChange& foreign) REQUIRES(state_.change_mutex);
  void name_letters(Draft& draft, std::uint32_t letters) REQUIRES(state_.change_mutex);
  bool is_watched() const REQUIRES(state_.change_mutex) { return watches_.size() == 2; }
  std::pair<std::int64_t, std::int64_t> directory_times() const REQUIRES(state_.change_mutex);

  StoreCore& core_;
  MailboxState state_;
  WriteBehind behind_{state_};
  FileEvents events_;
  std::atomic<bool> leaving_{false};    // its directory is being taken away by us
  std::atomic<bool> owes_look_{false};  // somebody asked while the mailbox was being changed
  std::atomic<bool> watched_{false};    // both directories are
  KeyColumns columns_{*this};
  imap::Uid keys_kept_{0};  // up to here sort keys are kept; the worker's
  Feed<> feed_;

  // Of the text file, until the rows are read: base name to UID, and keywords that have no letter.
  std::unordered_map<std::string, imap::Uid> recorded_ GUARDED_BY(state_.change_mutex);
  std::unordered_map<std::uint32_t, std::vector<std::string>> more_keywords_ GUARDED_BY(state_.change_mutex);
  std::vector<Row> kept_elsewhere_ GUARDED_BY(state_.change_mutex);  // of an index that is being made anew
  // By base name: to be looked at; more files of one message.
  std::map<std::string, Touched> touched_ GUARDED_BY(state_.change_mutex);
  std::map<std::string, std::set<std::string>> twins_ GUARDED_BY(state_.change_mutex);
  std::map<imap::Uid, Growing> growing_ GUARDED_BY(state_.change_mutex);  // whose files may not be complete
  // Up to here files were looked at since the mailbox was opened.
  imap::Uid looked_at_ GUARDED_BY(state_.change_mutex){0};
  // Files as they were when they became messages, of the last minute or two: the watch may tell later how they came.
  std::map<imap::Uid, Measured> fresh_ GUARDED_BY(state_.change_mutex), less_fresh_ GUARDED_BY(state_.change_mutex);
  std::int64_t fresh_since_ GUARDED_BY(state_.change_mutex) = 0;  // Unix seconds
  // Files that cannot be read lie in the directory, or did when it was read.
  bool has_closed_ GUARDED_BY(state_.change_mutex) = false;
  std::vector<std::shared_ptr<void>> watches_ GUARDED_BY(state_.change_mutex);

  mutable Place place_ GUARDED_BY(state_.table_mutex);  // when the mailbox was last seen there
  // What somebody has read before it was complete; all zero: not known.
  std::map<imap::Uid, Measured> read_early_ GUARDED_BY(state_.table_mutex);
  std::set<imap::Uid> rewritten_ GUARDED_BY(state_.table_mutex);  // whose files hold something else now
};

}  // namespace store
