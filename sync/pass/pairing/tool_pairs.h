// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ToolPairs: what another synchroniser has remembered of a mailbox, as far as it can be believed: pairs, and messages
// that one side has lost since it ran last. Once, when a mailbox is seen for the first time.
#pragma once

#include <asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

#include "sync/pass/pairing/mailbox_look.h"
#include "sync/pass/pairing/same_messages.h"
#include "sync/tool_state.h"

namespace mirror {

// Whether the tool's pairs are what it says: it is believed as long as no message is another one than its pair's.
struct ToolVerdict {
  struct Doubtful {
    Pair pair;
    const Identity *here = nullptr, *there = nullptr;  // of those that were judged
  };
  FoundPairs found;                // both messages have a Message-ID, or Message-ID and date, that no other one has
  std::vector<Doubtful> doubtful;  // what they have in common, others have too: they may be others'
  std::uint64_t strangers = 0;     // pairs of two different messages
};
// Pure. base: what both had of flags, where the tool tells.
ToolVerdict judge(const ToolState& state, const std::vector<Identity>& here, const std::vector<Identity>& there);

class ToolPairs {
 public:
  ToolPairs(PassContext& context, MailboxPair& mailbox, const MailboxLook& look)
      : context_(context), mailbox_(mailbox), look_(look) {}

  // Reads the state. The pairs that are confirmed; none where there is no state, or one that is not believed.
  asio::awaitable<FoundPairs> find();
  // Whether there is a state of a tool's, believed or not: then the times of the files are the tool's.
  bool has_met_tool() const { return has_met_tool_; }
  // When all pairs are known: what the tool had on both sides, and only one has now, was removed on the other one
  // since. It gets a pair and is absent, as any message that is only gone: it waits, and falls under the fuse.
  asio::awaitable<void> settle(store::StateBatch& batch);
  // When all that is written: the state is not read again.
  asio::awaitable<void> finish();

 private:
  std::string why_not() const;
  FoundPairs not_believed(const std::string& why);
  asio::awaitable<imap::UidSet> told_of_there();
  std::optional<Absence> absence_of(const ToolPair& pair, const imap::UidSet& told, Side& lost) const;
  void tell(const std::string& text);

  PassContext& context_;
  MailboxPair& mailbox_;
  const MailboxLook& look_;
  std::optional<ToolState> state_;
  bool confirmed_ = false, has_met_tool_ = false;
};

}  // namespace mirror
