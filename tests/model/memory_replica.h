// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// MemoryServer: mailboxes in memory with all that a server does to a sync, as a ModelSide and as a Replica.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/model/sync_side.h"

namespace tests {

struct MemoryMailbox {
  imap::UidValidity uid_validity;
  imap::Uid uid_next{1};
  imap::ModSeq modseq{1};
  std::map<imap::Uid, std::pair<Letter, imap::ModSeq>> letters;
  std::vector<std::pair<imap::ModSeq, imap::Uid>> expunged;
  bool subscribed = false;
};

class MemoryServer final : public ModelSide {
 public:
  // disk: where a side that commits state writes.
  MemoryServer(std::string name, Traits traits, Fuse& fuse, Disk& disk);

  std::vector<std::string> mailboxes() override;
  std::vector<Letter> letters(const std::string& mailbox) override;
  void append(const std::string& mailbox, const Letter& letter) override;
  void change_flags(const std::string& mailbox, imap::Uid uid, imap::FlagChange change,
                    const imap::FlagSet& flags) override;
  void expunge(const std::string& mailbox, imap::Uid uid) override;
  void create(const std::string& mailbox) override;
  bool is_subscribed(const std::string& mailbox) override;
  void set_subscribed(const std::string& mailbox, bool subscribed) override;
  std::string fingerprint() override;
  const Traits& traits() const override { return traits_; }

  std::unique_ptr<mirror::Replica> connect() override;
  std::unique_ptr<mirror::JournalStorage> storage() override { return make_disk_storage(disk, fuse); }
  void remove(const std::string& mailbox) { mailboxes_.erase(mailbox); }
  MemoryMailbox* find(const std::string& mailbox);
  imap::FlagSet kept(const imap::FlagSet& flags) const;
  mirror::SideState state_of(const MemoryMailbox& mailbox) const;
  // What a pass appends, as the server's traits say.
  void take(const std::string& mailbox, const Letter& letter);
  void look(const std::string& mailbox);

  std::function<void()> meanwhile;  // called before each step: others change the mail while a pass runs
  std::function<bool()> refuses;    // asked before each append, change and expunge

  Fuse& fuse;
  Disk& disk;
  const std::string name;
  int taken = 0;  // messages that passes have appended

 private:
  Traits traits_;
  std::map<std::string, MemoryMailbox> mailboxes_;
  std::uint32_t last_validity_ = 100;
  struct Waiting {
    std::string mailbox;
    Letter letter;
    int looks;
  };
  std::vector<Waiting> waiting_;
};

}  // namespace tests
