// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// StoreModel: what a mail store should hold, as plain maps, and the comparison with what it does hold.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "store/mail_store.h"

namespace tests {

struct Mismatch : std::logic_error {
  using std::logic_error::logic_error;
};
void require(bool condition, const std::string& what);

struct ModelMessage {
  imap::FlagSet flags;
  std::int64_t date = 0;
  std::string wire;  // its octets as a client sees them
  bool recent = true;
  std::string foreign_base;  // of a file that another program delivered
};

struct ModelMailbox {
  std::string id;
  imap::UidValidity uid_validity;
  imap::Uid uid_next{1};  // no message gets a UID below
  imap::ModSeq highest;
  std::map<imap::Uid, ModelMessage> messages;
  // What a client knew at a ModSeq: for changes_since.
  struct Past {
    imap::ModSeq modseq;
    std::map<imap::Uid, imap::FlagSet> flags;
  };
  std::vector<Past> past;
  // Claimed, but perhaps not noted in the index yet: the store's worker does that where the mailbox is busy, so a crash
  // may make them recent again.
  imap::UidSet claims_in_doubt;
};

// What a change does, told before it is made, so that after a crash either all or nothing of it is there.
struct Effect {
  struct Added {
    std::string mailbox;
    ModelMessage message;
  };
  std::vector<Added> added;  // in the order of their UIDs
  std::vector<std::pair<std::string, imap::Uid>> removed;
  std::vector<std::tuple<std::string, imap::Uid, imap::FlagSet>> flags;
  std::set<std::string> claimed;  // mailboxes whose messages stop being recent
};

using ModelMailboxes = std::map<std::string, ModelMailbox>;

// `uids`: of the added messages.
void apply(ModelMailboxes& mailboxes, const Effect& effect, const std::vector<imap::Uid>& uids);

// Compares a mailbox with its model and takes note of its state for later; `all_content` reads every message.
void compare(store::Mailbox& mailbox, ModelMailbox& model, std::mt19937_64& random, bool all_content);

// After a crash: claims that were in doubt may be undone; the model becomes what is there.
void settle_claims(store::MailStore& store, ModelMailboxes& mailboxes);

// After a crash: which of the two it is, before the change or after it; the model becomes that.
void recover(store::MailStore& store, ModelMailboxes& mailboxes, const Effect& effect);

std::string text_of(const imap::FlagSet& flags);

}  // namespace tests
