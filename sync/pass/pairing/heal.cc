// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How it goes, where one side is another one:
// 1. UIDs of the other side, which is as it was, are still known. What is the same on both sides is paired, as at first
//    sight; flags count as added.
// 2. A message that was paired and is not on the side that has changed: whether it was removed there, or lost with what
//    was lost, nobody knows. It is held until a person says: neither removed here nor sent again. Its pair has a UID
//    there that no message has.
// 3. One that was removed on the side that is as it was, and whose twin is there still (its Message-ID tells, where no
//    other message has it): it is a removal as any other, and falls under the same rules.
// 4. A mark \Deleted that a pass which was cut off has set aside is put back to the same messages, under the UIDs that
//    they have now; the next step of the pass does it (Apply::resolve_set_aside).
// 5. All this is one write; a pass that is cut off before does it again.
#include "sync/pass/pairing/heal.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "sync/message_mark.h"
#include "sync/pass/context/remarks.h"
#include "sync/pass/pairing/same_messages.h"
#include "sync/pass/pairing/strangers.h"

namespace mirror {

namespace {

class Healing {
 public:
  Healing(PassContext& context, MailboxPair& mailbox, MailboxLook& look)
      : context_(context), mailbox_(mailbox), look_(look) {}

  // changed: the side that is another one; nullopt: both are.
  asio::awaitable<void> run(std::optional<Side> changed) {
    mailbox_.pairs.for_each([&](const Pair& pair) { old_.push_back(pair); });
    old_absences_ = mailbox_.absences;
    std::map<Side, imap::UidSet> set_aside;
    for (const auto side : {Side::Local, Side::Remote})
      set_aside[side] = context_.journal.set_aside(mailbox_.record.number, side);
    forget();
    co_await look_whole(changed);
    const auto here = look_.unpaired(Side::Local), there = look_.unpaired(Side::Remote);
    const auto found = co_await same_messages(context_, mailbox_, here, there, Reading::All);
    for (const auto& pair : found.pairs) put(pair);
    co_await refuse_strangers(context_, mailbox_, look_, found.size());
    found.put_dates(context_.journal, batch_, mailbox_.record);
    if (changed) co_await settle_old(*changed);
    for (const auto& [side, uids] : set_aside)
      if (!uids.empty()) carry_set_aside(side, uids, changed);
    context_.journal.put_mailbox(batch_, mailbox_.record);
    context_.journal.erase_uncertain(batch_, mailbox_.record.number);
    co_await context_.workers.run([&] { context_.journal.commit(batch_, true); });
    context_.progress.counts.paired += found.size();
    if (!context_.is_trial) {
      Remarks remarks;
      remarks.add(found.pairs,
                  "is the same message as on " + context_.names.remote + ", which is another mailbox than before");
      co_await remarks.tell(*mailbox_.local);
    }
    tell(found.size());
  }

 private:
  void forget() {
    auto& journal = context_.journal;
    const auto number = mailbox_.record.number;
    for (const auto& pair : old_) journal.erase_pair(batch_, number, pair.remote);
    for (const auto& [key, absence] : mailbox_.absences) journal.erase_absence(batch_, number, key.first, key.second);
    for (const auto& [key, held] : mailbox_.held) journal.erase_held(batch_, number, key.first, key.second);
    journal.erase_begun(batch_, number);
    mailbox_.pairs = {};
    mailbox_.absences = {};
    mailbox_.held = {};
  }

  // What the side that is as it was has said of removals is said once.
  asio::awaitable<void> look_whole(std::optional<Side> changed) {
    const auto said = changed ? look_.on(other(*changed)).said : imap::UidSet();
    look_.local.state = look_.remote.state = {};
    co_await look_.look(true, Side::Local);
    co_await look_.look(true, Side::Remote);
    if (changed) look_.on(other(*changed)).said.add(said);
    mailbox_.record.local = mailbox_.record.remote = {};
    mailbox_.record.local.uid_validity = look_.local.state.uid_validity;
    mailbox_.record.remote.uid_validity = look_.remote.state.uid_validity;
  }

  void put(const Pair& pair) {
    context_.journal.put_pair(batch_, mailbox_.record.number, pair);
    mailbox_.pairs.put(pair);
  }

  void put_absence(Side side, imap::Uid uid, const Absence& absence) {
    context_.journal.put_absence(batch_, mailbox_.record.number, side, uid, absence);
    mailbox_.absences[{side, uid}] = absence;
  }

  asio::awaitable<void> settle_old(Side changed) {
    const auto stable = other(changed);
    auto none = imap::Uid(0xfffffffeu);  // a UID that no message has
    std::vector<Pair> gone;
    for (const auto& old : old_) {
      const auto uid = old.uid(stable);
      if (mailbox_.pairs.find(stable, uid)) continue;
      if (!look_.shows(stable, uid)) {
        gone.push_back(old);
        continue;
      }
      put(pair_towards(changed, uid, none, old.flags));
      put_absence(changed, none, {Absence::Kind::Held, context_.removals.now});
      none = imap::Uid(none.value - 1);
      ++missing_;
    }
    if (!gone.empty()) co_await find_twins(gone, changed);
  }

  asio::awaitable<void> find_twins(const std::vector<Pair>& gone, Side changed) {
    std::multimap<std::uint64_t, imap::Uid> marks;
    const auto left = co_await mailbox_.on(changed).identities(look_.unpaired(changed));
    for (const auto& one : left) marks.emplace(mark_of(one.message_id), one.uid);
    std::map<std::uint64_t, int> wanted;
    for (const auto& old : gone) ++wanted[old.mark];
    for (const auto& old : gone) {
      if (old.mark == 0 || marks.count(old.mark) != 1 || wanted[old.mark] != 1) continue;
      const auto uid = old.uid(other(changed));
      auto pair = pair_towards(changed, uid, marks.find(old.mark)->second, old.flags);
      pair.mark = old.mark;
      put(pair);
      const auto before = old_absences_.find({other(changed), uid});
      if (before != old_absences_.end()) put_absence(other(changed), uid, before->second);
    }
  }

  // Those that one message had before and one has now, and its UID now.
  std::map<std::uint64_t, imap::Uid> marks_of_one(Side side) const {
    std::map<std::uint64_t, int> before, now;
    std::map<std::uint64_t, imap::Uid> out;
    for (const auto& old : old_) ++before[old.mark];
    mailbox_.pairs.for_each([&](const Pair& pair) {
      ++now[pair.mark];
      if (pair.mark != 0) out[pair.mark] = pair.uid(side);
    });
    std::erase_if(out, [&](const auto& one) { return before[one.first] != 1 || now[one.first] != 1; });
    return out;
  }

  // To the same messages as before, where these are known.
  void carry_set_aside(Side side, const imap::UidSet& uids, std::optional<Side> changed) {
    imap::UidSet now;
    if (changed == other(side)) now = uids;
    const auto twins = changed ? std::map<std::uint64_t, imap::Uid>() : marks_of_one(side);
    for (const auto& old : old_) {
      if (changed == other(side) || !uids.contains(old.uid(side))) continue;
      const auto* pair = mailbox_.pairs.find(other(side), old.uid(other(side)));
      const auto twin = twins.find(old.mark);
      if (changed && pair && look_.shows(side, pair->uid(side))) now.add(pair->uid(side));
      if (twin != twins.end()) now.add(twin->second);
    }
    if (!now.empty()) context_.journal.put_set_aside(batch_, mailbox_.record.number, side, now);
    if (now.size() < uids.size())
      context_.progress.told.push_back(mailbox_.record.path.shown() + ": " + message_count(uids.size() - now.size()) +
                                       " that others had marked as deleted lost that mark in a pass that was cut off, "
                                       "and cannot be told any more; nothing is marked for it");
  }

  void tell(std::size_t found) {
    const auto name = mailbox_.record.path.shown();
    context_.log.info("the mailbox is another one than before; its messages are paired anew",
                      {{"mailbox", name}, {"messages", found}, {"missing", missing_}});
    context_.progress.told.push_back(
        name +
        ": is another mailbox than before (it was deleted and made anew, its server was moved, or a backup was "
        "put back); " +
        message_count(found) + " paired anew, nothing copied for it");
  }

  PassContext& context_;
  MailboxPair& mailbox_;
  MailboxLook& look_;
  std::vector<Pair> old_;
  Absences old_absences_;
  store::StateBatch batch_;
  std::uint64_t missing_ = 0;
};

}  // namespace

asio::awaitable<void> heal(PassContext& context, MailboxPair& mailbox, MailboxLook& look, bool changed_here,
                           bool changed_there) {
  std::optional<Side> changed;
  if (!changed_here) changed = Side::Remote;
  if (!changed_there) changed = Side::Local;
  Healing healing(context, mailbox, look);
  co_await healing.run(changed);
}

}  // namespace mirror
