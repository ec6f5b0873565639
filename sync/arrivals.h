// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Arrivals: the messages that a pass has fetched and that are new here, for who wants to tell somebody of them.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "sync/replica.h"

namespace mirror {

struct Arrival {
  std::string mailbox;  // MailboxPath::shown()
  imap::Uid uid;        // here
  imap::FlagSet flags;
  std::string from, subject, message_id;  // decoded, UTF-8, not fit for a terminal; of a thousand octets at most
  std::int64_t date = 0;                  // when it was sent, else when it arrived; Unix time
  std::uint64_t mark = 0;                 // of its Message-ID (sync/message_mark.h)
};

class Arrivals {
 public:
  void begin() { wanted_ = true; }  // else nothing is gathered
  bool wanted() const { return wanted_; }

  // Of messages that are about to be appended here: what append() may take away.
  std::vector<Arrival> read(std::span<const FetchedMessage> messages) const;
  // They are here, in this order, and were paired with these marks.
  void add(const MailboxPath& mailbox, std::vector<Arrival> read, std::span<const imap::Uid> uids);
  // One that is gone from another mailbox was moved there: that is no arrival.
  void note_gone(std::uint64_t mark);

  std::uint64_t count() const;         // moved ones are left out, as far as they are known
  std::vector<Arrival> first() const;  // the first hundred

 private:
  bool is_moved(const Arrival& one) const { return one.mark != 0 && gone_.contains(one.mark); }

  bool wanted_ = false;
  std::vector<Arrival> known_;
  std::uint64_t others_ = 0;
  std::set<std::uint64_t> gone_;
};

}  // namespace mirror
