// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// UidParts: what is still to be asked for of a set of messages, one command's part after the other.
//
// 1. A command that is refused is asked again for half of what it was for, the lower half first, until one message
//    remains, which is left out. One that gives some and not all (MESSAGELIMIT, RFC 9738) is asked again for the rest.
// 2. Where so many commands in turn give nothing, one more asks for the last message, to tell a server that gives
//    nothing at all from one that does not give many messages; then it ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>

#include "proto/response.h"
#include "proto/sequence_set.h"

namespace mirror {

class UidParts {
 public:
  UidParts(std::string server, const imap::UidSet& wanted);

  bool empty() const { return parts_.empty(); }
  imap::UidSet next(std::uint64_t most = ~0ull);  // of so many messages
  void again(const imap::UidSet& uids);           // after all else
  // A command for `asked` was answered, and `left` of it has not come. Throws MailboxFailure where the server gives
  // nothing more (that it says UNAVAILABLE tells nothing: Exchange does so of a single message), and Failure where it
  // is throttled.
  void answered(const imap::UidSet& asked, const imap::UidSet& left, const imap::StatusResponse& answer);
  // Those that were asked for one by one, and refused.
  const imap::UidSet& refused() const { return refused_; }

 private:
  void first(const imap::UidSet& uids);
  void halve(const imap::UidSet& uids);
  static std::pair<imap::UidSet, imap::UidSet> cut(const imap::UidSet& uids, std::uint64_t at);

  std::string server_;
  imap::UidSet last_, refused_;
  std::deque<imap::UidSet> parts_;
  std::size_t barren_ = 0;  // commands in turn that were refused and gave nothing
};

}  // namespace mirror
