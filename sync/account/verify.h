// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Verification: compares both sides message by message, and with what is agreed: UIDs, flags, dates and texts. Texts
// that were compared once are remembered, and the server is not asked for them again. Changes nothing but that.
#pragma once

#include <asio/awaitable.hpp>

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sync/account/account.h"
#include "sync/account/compare_sides.h"

namespace mirror {

struct VerifyLimits {
  bool forgets = false;    // every text is read on both sides, whatever is remembered
  bool reads_here = true;  // every text here is read, also those that were compared before
  std::uint64_t octets = std::numeric_limits<std::uint64_t>::max();  // of texts that the server is asked for
  bool accepts_dates = false;  // internal dates that differ where the texts do not are known from now on
};

struct VerifyResult {
  std::vector<std::string> differences;  // sentences
  std::vector<std::string> withheld;  // what differs because a mode forbids to make it the same, and is no difference
  std::uint64_t known_dates = 0;      // messages whose dates differ, as was known before: no difference either
  std::uint64_t messages = 0;
  std::size_t mailboxes = 0;
  std::uint64_t remembered = 0;  // texts that were compared before
  std::uint64_t left = 0;        // texts that were never compared, for want of octets
};

// The note that `postern status` reads: when, and what was found.
struct LastVerified {
  std::int64_t when = 0;  // Unix seconds; 0: never
  std::size_t mailboxes = 0;
  std::uint64_t differences = 0, left = 0;
};
LastVerified last_verified(Journal& journal);

class Verification {
 public:
  Verification(Account& account, VerifyLimits limits);  // which outlives it
  ~Verification();

  // Compares one mailbox after the other; false: there is none any more, and the result is noted. Throws as a pass
  // does.
  asio::awaitable<bool> step();
  asio::awaitable<void> run();  // all
  const VerifyResult& result() const { return result_; }

 private:
  struct Listed {  // a mailbox as the listings have it
    bool here = false, there = false, subscribed = false;
  };
  asio::awaitable<void> begin();
  asio::awaitable<void> compare(const MailboxPath& path, const Listed& listed);
  asio::awaitable<void> compare_messages(const MailboxRecord& record);
  asio::awaitable<CheckedMailbox> check(const MailboxRecord& record, ReplicaMailbox& near, ReplicaMailbox& far);
  asio::awaitable<void> conclude(const MailboxRecord& record, const CheckedMailbox& checked);
  void say(const MailboxPath& path, const std::string& what);
  void note();

  Account& account_;
  VerifyLimits limits_;
  Directions directions_;
  VerifyResult result_;
  std::unique_ptr<Replica> local_, remote_;
  std::map<MailboxPath, MailboxRecord> records_;
  std::map<MailboxPath, Listed> waiting_;
  bool begun_ = false;
};

}  // namespace mirror
