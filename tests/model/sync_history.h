// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// SyncHistory: two sides changed at random, passes interrupted at random, and what both sides must hold afterwards.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "proto/transport/worker_pool.h"
#include "sync/pass/pass.h"
#include "tests/model/sync_side.h"

namespace tests {

// One letter as its users mean it, wherever copies of it are. Its key: mailbox and text.
struct Meant {
  enum class Fate : std::uint8_t { Alive, Dead, Either };  // Either: deleted before anybody could know it for a copy
  Fate fate = Fate::Alive;
  int copies = 1;  // more: made so by a user; only their number is known then
  int origin = 0;  // the side it came from; 2: was on both from the beginning
  bool settled = false;
  bool flags_known = true;
  std::int64_t date = 0;
  imap::FlagSet base;                                 // flags when both sides last agreed
  std::array<std::map<std::string, int>, 2> touched;  // how often a side changed this flag since
  std::array<std::map<std::string, bool>, 2> last;    // and to what
};

class SyncHistory {
 public:
  SyncHistory(std::uint64_t seed, transport::WorkerPool& workers, Fuse& fuse)
      : random_(seed), workers_(workers), fuse_(fuse) {}
  void use(ModelSide& local, ModelSide& remote, std::function<std::unique_ptr<mirror::JournalStorage>()> storage);

  void begin_with_common_mail();
  void change(int times);  // by users
  void append_some(int times);
  bool pass();  // false: did not go to its end, or something was refused
  void repair_doubts();
  void settle();            // passes until nothing is left to do; then compares
  void settle_read_only();  // the same where the remote side takes nothing
  std::size_t random(std::size_t below) { return below == 0 ? 0 : random_() % below; }
  std::mt19937_64& randomness() { return random_; }
  const std::vector<std::string>& told() const { return told_; }
  std::size_t died() const { return died_; }  // passes that ended by a crash on the disk

 private:
  using Key = std::pair<std::string, std::string>;  // mailbox, text
  void change_once();
  void append(int side, const std::string& mailbox);
  void duplicate(const std::string& mailbox);
  void change_flags(int side, const std::string& mailbox);
  void expunge(int side, const std::string& mailbox, bool move);
  void create(int side);
  void subscribe(int side, const std::string& mailbox);

  void compare();
  void compare_mailbox(const std::string& mailbox);
  void check_flags(const std::string& mailbox, const Meant& meant, const Letter& local, const Letter& remote);
  void settled();
  std::string any_mailbox(int side);
  imap::FlagSet some_flags();
  std::string some_text();
  void tell(std::string what) { told_.push_back(std::move(what)); }
  std::string fingerprints() { return sides_[0]->fingerprint() + "|" + sides_[1]->fingerprint(); }

  std::mt19937_64 random_;
  transport::WorkerPool& workers_;
  Fuse& fuse_;
  std::array<ModelSide*, 2> sides_{};
  std::function<std::unique_ptr<mirror::JournalStorage>()> storage_;
  std::map<Key, Meant> meant_;
  std::vector<std::string> told_;
  mirror::Progress progress_;
  int serial_ = 0;
  std::size_t died_ = 0;
};

}  // namespace tests
