// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// StoreSide: the real store in a directory of its own as one side of a synchronisation.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "proto/transport/worker_pool.h"
#include "store/mail_store.h"
#include "tests/model/sync_side.h"
#include "tests/support/temp_maildir.h"

namespace tests {

class StoreSide final : public ModelSide {
 public:
  StoreSide(transport::WorkerPool& workers, Fuse& fuse);

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
  std::unique_ptr<mirror::JournalStorage> storage() override;
  void restart() override;
  void lose_index();

 private:
  std::shared_ptr<store::Mailbox> open(const std::string& mailbox);

  transport::WorkerPool& workers_;
  Fuse& fuse_;
  Traits traits_{.commits_state = true};
  TempDirectory root_;
  std::unique_ptr<store::MailStore> store_;
};

}  // namespace tests
