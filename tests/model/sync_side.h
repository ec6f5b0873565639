// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ModelSide: one side of a synchronisation as its user sees and changes it, and the Replica that a pass gets of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "proto/flags.h"
#include "proto/numbers.h"
#include "proto/transport/worker_pool.h"
#include "store/mail_store.h"
#include "sync/pass/pass.h"
#include "sync/replica.h"
#include "tests/model/sync_disk.h"

namespace tests {

struct Letter {
  imap::Uid uid;
  std::string text;
  imap::FlagSet flags;
  std::int64_t date = 0;
};

// How a server is: what it can, and what it does not do.
struct Traits {
  bool commits_state = false;  // keeps the journal too, and writes it with the messages
  bool returns_uids = true;    // UIDPLUS
  bool modseq = true;          // else each look lists everything
  bool any_keyword = true;     // else it keeps only "known", and drops others without a word
  bool read_only = false;
  bool backwards = false;  // gives messages last first
  bool rewrites = false;   // adds a header field to what it takes
  int shows_after = 0;     // looks, until it shows what a pass has appended
  int shows_times = 1;     // how often it shows that then
  std::size_t append_limit = 3;
};

class ModelSide {
 public:
  virtual ~ModelSide() = default;
  virtual std::vector<std::string> mailboxes() = 0;  // MailboxPath's texts
  virtual std::vector<Letter> letters(const std::string& mailbox) = 0;
  virtual void append(const std::string& mailbox, const Letter& letter) = 0;
  virtual void change_flags(const std::string& mailbox, imap::Uid uid, imap::FlagChange change,
                            const imap::FlagSet& flags) = 0;
  virtual void expunge(const std::string& mailbox, imap::Uid uid) = 0;
  virtual void create(const std::string& mailbox) = 0;
  virtual bool is_subscribed(const std::string& mailbox) = 0;
  virtual void set_subscribed(const std::string& mailbox, bool subscribed) = 0;
  // Everything that a change of any kind alters.
  virtual std::string fingerprint() = 0;
  virtual const Traits& traits() const = 0;
  virtual std::unique_ptr<mirror::Replica> connect() = 0;
  virtual std::unique_ptr<mirror::JournalStorage> storage() = 0;  // where the journal is kept by this side
  virtual void restart() {}                                       // after a crash
};

transport::WorkerPool& model_workers();

// mirror::run_pass() to its end; throws what it threw.
bool run_pass(mirror::PassContext& context, ModelSide& local, ModelSide& remote, const mirror::Scope& scope);

}  // namespace tests
