// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pass/pairing/mailbox_look.h"

#include <algorithm>
#include <map>
#include <string>

#include "sync/pass/pairing/same_messages.h"

namespace mirror {

MailboxLook::MailboxLook(PassContext& context, MailboxPair& mailbox) : context_(context), mailbox_(mailbox) {
  local.state = mailbox.record.local;
  remote.state = mailbox.record.remote;
}

asio::awaitable<void> MailboxLook::look(bool again, Side side) {
  auto& said = on(side);
  if (again) {
    const auto since = said.state;
    said = co_await mailbox_.on(side).changes(since, known_on(side));
  } else {
    said.present.clear();
    said.vanished = {};
    said.complete = false;
    said.unsure = {};
    said.doubt.clear();
  }
}

asio::awaitable<void> MailboxLook::look_at_all() {
  local.state.modseq = remote.state.modseq = imap::ModSeq(0);
  co_await look(true, Side::Local);
  co_await look(true, Side::Remote);
}

asio::awaitable<void> MailboxLook::look_anew(Side side) {
  on(side).state = mailbox_.record.on(side);
  co_await look(true, side);
}

// What was there: also what is held, which has no twin.
imap::UidSet MailboxLook::known_on(Side side) const {
  auto out = mailbox_.pairs.uids(side);
  for (const auto& [message, held] : mailbox_.held)
    if (message.first == side) out.add(message.second);
  return out;
}

bool MailboxLook::is_same_mailbox(Side side) const {
  const auto& known = mailbox_.record.on(side);
  const auto& now = on(side).state;
  if (!known.uid_validity) return true;
  return known.uid_validity == now.uid_validity && !(now.uid_next < known.uid_next);
}

void MailboxLook::note_doubt() {
  for (const auto* said : {&local, &remote}) {
    if (said->doubt.empty()) continue;
    if (!in_doubt_) context_.progress.problems.push_back(mailbox_.record.path.shown() + ": " + said->doubt);
    in_doubt_ = true;
  }
}

bool MailboxLook::shows(Side side, imap::Uid uid) const {
  const auto& said = on(side);
  return said.unsure.contains(uid) || std::ranges::binary_search(said.present, uid, {}, &Seen::uid);
}

imap::UidSet MailboxLook::unpaired(Side side) const {
  imap::UidSet out;
  for (const auto& seen : on(side).present)
    if (!mailbox_.pairs.find(side, seen.uid)) out.add(seen.uid);
  return out;
}

std::vector<Pair> MailboxLook::known_pairs() const {
  std::map<imap::Uid, const imap::FlagSet*> there;
  for (const auto& seen : remote.present) there[seen.uid] = &seen.flags;
  std::vector<Pair> out;
  for (const auto& seen : local.present) {
    const auto* pair = mailbox_.pairs.find(Side::Local, seen.uid);
    const auto twin = pair == nullptr ? there.end() : there.find(pair->remote);
    if (twin == there.end()) continue;
    out.push_back({pair->local, pair->remote, in_both(seen.flags, *twin->second), pair->mark});
  }
  return out;
}

}  // namespace mirror
