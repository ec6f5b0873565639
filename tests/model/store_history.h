// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// StoreHistory: a random history of one store and its model, made by the store's own operations and by foreign hands.
#pragma once

#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/model/store_model.h"
#include "tests/support/temp_maildir.h"

namespace tests {

class StoreHistory {
 public:
  struct Kind {
    bool maildir_plus_plus = false;
    bool watch = false;
  };
  StoreHistory(std::uint64_t seed, Kind kind);

  void step();                          // one operation, then the comparison
  void steps_until_failure(int count);  // store operations only, without comparison: some may crash or be refused
  void reopen();                        // as after a clean end
  void lose_index();                    // and reopen
  void forget_unused();                 // no mailbox stays in memory
  void crash_and_reopen();              // the fail point has struck: what was acknowledged must be there
  void compare_all(bool all_content);
  std::size_t random(std::size_t below) { return below == 0 ? 0 : random_() % below; }
  const std::vector<std::string>& told() const { return told_; }  // what was done, for the failure's report

 private:
  // Each makes one change through the store; refused says that the disk was full.
  void append();
  void change_flags();
  void transfer(bool move);
  void expunge(bool by_flag);
  void claim();
  void drain();
  void create();
  void remove();
  void rename();
  void foreign_deliver();
  void foreign_rename();
  void foreign_unlink();
  void foreign_copy();
  void store_operation();
  void foreign_operation();

  void open();
  store::Mailbox& mailbox(const std::string& name);
  std::filesystem::path directory(const std::string& name) const;
  std::string any_mailbox();
  imap::UidSet some_uids(const std::string& name);
  imap::FlagSet some_flags();
  std::string some_text();
  std::optional<std::string> file_of(const std::string& name, imap::Uid uid);
  void adopt_new(const std::string& name, ModelMessage message, const std::string& file_base);
  void check(const std::string& name);
  template <class Call>
  void change(Effect effect, Call call);
  void tell(std::string what) { told_.push_back(std::move(what)); }
  void new_model(const std::string& name);

  std::mt19937_64 random_;
  Kind kind_;
  TempDirectory root_;
  std::unique_ptr<store::MailStore> store_;
  ModelMailboxes mailboxes_;
  std::optional<Effect> under_way_;
  std::vector<std::string> told_;
  int serial_ = 0;
  bool disk_full_ = false;  // a refusal is right
  friend class DiskFull;
};

}  // namespace tests
