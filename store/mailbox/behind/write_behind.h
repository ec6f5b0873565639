// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// WriteBehind: renames and unlinks a mailbox's files after commits: names get to tell flags, files of expunged messages
// go, and claims of \Recent are noted. Done in rounds by the store's worker (write_behind_thread.h).
//
// 1. A round takes up what is due, under change_mutex. While a file's name is being changed its row still has the old
//    one; readers try both.
// 2. It renames and unlinks without change_mutex.
// 3. It notes the new names in the index and the rows, under change_mutex, behind all who wait for that.
// It gives way: while somebody waits for a change it only goes on every 100 ms, by a few files; what a round has taken
// up and not done by then is due again.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "proto/base/mutex.h"
#include "store/mailbox/change.h"
#include "store/mailbox/mailbox_state.h"

namespace store {

class WriteBehind {
 public:
  static constexpr std::size_t kPiece = 1000;  // files of a round
  static constexpr std::size_t kLeast = 200;   // of a round while somebody waits

  explicit WriteBehind(MailboxState& state) : state_(state) {}

  bool round();  // whether some are left that can be done
  // Asked under change_mutex: whether something is due or being done.
  bool has_work() const;
  // While this is held nobody renames or unlinks a file here.
  base::UniqueLock pause() { return base::UniqueLock(round_mutex_); }

  // Under change_mutex. Makes claims durable, and their files leave new/; whether some will.
  bool note_claims();
  void claims_are_noted(imap::Uid upto) {
    state_.change_mutex.assert_held();
    claims_noted_ = upto;
  }

 private:
  enum class Outcome : std::uint8_t { Later, Done, Gone, NoRoom, Blocked };  // NoRoom: the name is too long
  struct Rename {
    imap::Uid uid;
    std::string from, to;
    Outcome outcome = Outcome::Later;
  };
  struct Unlink {
    DoomedFile file;
    RemovalLine line;    // where it is kept
    bool waits = false;  // it cannot be kept now
    Outcome outcome = Outcome::Later;
  };
  struct Chores {
    std::filesystem::path directory;
    StoreCore* core = nullptr;
    std::vector<Rename> renames;
    std::vector<Unlink> unlinks;
    std::string complaint;
    bool empty() const { return renames.empty() && unlinks.empty(); }
    void do_all(const Foreground& foreground);  // change_mutex not held
    void do_rename(Rename& rename);
    void do_unlinks(const Foreground& foreground, std::size_t done);
    void note_kept();
    void do_unlink(Unlink& unlink, const std::filesystem::path& path);
    void look_for_astray();
    void give_up_keeping(const std::exception& why);
    // One file that cannot be renamed or removed holds up no other. f() says whether the file was there.
    template <class F>
    Outcome attempt(const F& f) {
      try {
        return f() ? Outcome::Done : Outcome::Gone;
      } catch (const std::system_error& error) {
        if (error.code() == std::errc::filename_too_long) return Outcome::NoRoom;
        complaint = error.what();
      } catch (const std::exception& error) {
        complaint = error.what();
      }
      return Outcome::Blocked;
    }
  };
  bool is_due();
  Chores take_up() REQUIRES(state_.change_mutex);
  RemovalLine removal_line(const DoomedFile& file) const REQUIRES(state_.change_mutex);
  void conclude_rename(Draft& draft, Chores& chores, Rename& rename) REQUIRES(state_.change_mutex);
  void give_other_base(const Row& row, Chores& chores, Rename& rename) REQUIRES(state_.change_mutex);
  static void conclude_unlinks(Draft& draft, const Chores& chores);
  bool conclude(Chores& chores) REQUIRES(state_.change_mutex);
  void commit(Change& change, const Chores& chores) REQUIRES(state_.change_mutex);
  void complain(const Chores& chores) REQUIRES(state_.change_mutex);
  void pay_debts() REQUIRES(state_.change_mutex);  // of changes that failed

  MailboxState& state_;
  base::Mutex round_mutex_ ACQUIRED_BEFORE(state_.change_mutex);
  std::atomic<bool> under_way_{false};
  imap::Uid claims_noted_ GUARDED_BY(state_.change_mutex);  // the claims up to here are in the index
  std::string complaint_ GUARDED_BY(state_.change_mutex);   // of the last round
};

}  // namespace store
