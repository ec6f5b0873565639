// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ToolPairs: a first pass where another synchroniser has left a state.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "sync/pass/pairing/tool_pairs.h"
#include "tests/sync/pass/pass_fixture.h"

namespace tests {

class FakeStates final : public mirror::ToolStates {
 public:
  std::optional<mirror::ToolState> read(const mirror::MailboxPath& mailbox) override {
    return used.contains(mailbox.text()) ? std::nullopt : state;
  }
  void set_used(const mirror::MailboxPath& mailbox) override { used.insert(mailbox.text()); }
  std::optional<mirror::ToolState> state;
  std::set<std::string> used;
};

class ToolPairs : public PassTest {
 protected:
  // "one" to "fiv" on both sides, with dates that differ, as if each were downloaded.
  ToolPairs() {
    for (const auto* text : {"one", "two", "thr", "fou", "fiv"}) {
      local_.append("INBOX", letter(text, text, 5000));
      remote_.append("INBOX", letter(text, text, 1000));
    }
    mirror::ToolState state;
    state.tool = "mbsync";
    state.file = "/state";
    state.there = remote_.find("INBOX")->uid_validity;
    for (std::uint32_t uid = 1; uid <= 5; ++uid) state.pairs.push_back(pair(uid, uid));
    states_.state = state;
  }
  static mirror::ToolPair pair(std::optional<std::uint32_t> here, std::uint32_t there) {
    mirror::ToolPair out;
    if (here) out.here = imap::Uid(*here);
    out.there = imap::Uid(there);
    out.flags = imap::FlagSet();
    return out;
  }
  bool pass(bool trial = false) {
    progress_ = {};
    mirror::Journal journal(make_disk_storage(disk_, fuse_), "account");
    mirror::PassContext context{journal, workers_, progress_, {}, tries_held_};
    context.tool_states = &states_;
    context.is_trial = trial;
    context.removals.now = now_;
    context.removals.local.fuse = context.removals.remote.fuse = mirror::Fuse{};
    context.removals.local.wait = 60;
    context.removals.local.holds_emptied = true;
    return run_pass(context, local_, remote_, {[](const mirror::MailboxPath&) { return true; }, false});
  }
  void lose_here(std::uint32_t uid) {
    local_.expunge("INBOX", imap::Uid(uid));
    state().pairs[uid - 1].here.reset();
  }
  mirror::ToolState& state() { return *states_.state; }
  std::uint64_t copied() const { return progress_.counts.copied_to_local + progress_.counts.copied_to_remote; }
  std::string told() const {
    std::string out;
    for (const auto& one : progress_.told) out += one + '\n';
    return out;
  }

  FakeStates states_;
  std::int64_t now_ = 100'000;
};

}  // namespace tests
