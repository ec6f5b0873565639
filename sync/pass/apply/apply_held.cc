// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Apply, holding: messages that could not be copied are kept apart, named, and tried again by themselves.
#include <algorithm>
#include <utility>

#include "proto/base/clock.h"
#include "sync/pass/apply/apply.h"

namespace mirror {

namespace {

constexpr const char* kBreaks = "the connection breaks when it is asked for";

}  // namespace

// Before a side is asked, it is noted that it was: where the connection breaks at a message's very header, that happens
// once.
asio::awaitable<void> Apply::name_held() {
  imap::UidSet nameless[2];
  store::StateBatch asked;
  for (auto& [message, one] : mailbox_.held) {
    if (!one.name.empty()) continue;
    const auto [side, uid] = message;
    one.name = "a message without a readable header (UID " + std::to_string(uid.value) + ")";
    nameless[side == Side::Local ? 0 : 1].add(uid);
    context_.journal.put_held(asked, mailbox_.record.number, side, uid, one);
  }
  co_await commit(std::move(asked), true);
  store::StateBatch named;
  for (const auto side : {Side::Local, Side::Remote}) {
    const auto& uids = nameless[side == Side::Local ? 0 : 1];
    if (uids.empty()) continue;
    std::map<imap::Uid, std::string> names;
    std::optional<Failure> broken;
    try {
      names = co_await mailbox_.on(side).names(uids);
    } catch (const MailboxFailure&) {
      continue;  // it tells nothing
    } catch (const Failure& failure) {
      if (failure.reason != base::Reason::ConnectionLost) throw;
      broken = failure;
    }
    if (broken) throw MailboxConnectionLost(broken->reason, broken->what());
    for (const auto& [uid, name] : names) {
      const auto at = mailbox_.held.find({side, uid});
      if (at == mailbox_.held.end() || name.empty()) continue;
      at->second.name = name;
      context_.journal.put_held(named, mailbox_.record.number, side, uid, at->second);
    }
  }
  co_await commit(std::move(named), false);
}

// Each by itself and after all else: one at which the connection breaks takes nothing with it.
asio::awaitable<void> Apply::try_held_again() {
  if (!mailbox_.again.empty()) co_await name_held();
  for (const auto& [side, uid] : std::exchange(mailbox_.again, {})) {
    std::optional<Failure> broken;
    try {
      co_await copy(imap::UidSet::of(uid), side);
    } catch (const MailboxFailure&) {
      throw;
    } catch (const Failure& failure) {
      if (failure.reason != base::Reason::ConnectionLost) throw;
      broken = failure;
    }
    co_await commit(std::exchange(held_, {}), true);
    if (broken) throw MailboxConnectionLost(broken->reason, broken->what());
  }
}

// Gone meanwhile, which is ordinary; or kept back, which must not be taken for done.
asio::awaitable<void> Apply::hold_back(imap::UidSet missing, const std::map<imap::Uid, std::string>& withheld,
                                       Side from) {
  for (const auto& [uid, why] : withheld) {
    hold(from, uid, Held::Kind::Refused, why);
    missing = missing.minus(imap::UidSet::of(uid));
  }
  if (missing.empty()) co_return;
  imap::UidSet there;
  try {
    const auto described = co_await mailbox_.on(from).identities(missing);
    for (const auto& one : described) there.add(one.uid);
    // What is not described is gone only where nothing else tells of it either.
    if (const auto left = missing.minus(there); !left.empty()) {
      const auto told = co_await mailbox_.on(from).told_of(left);
      there.add(told);
    }
  } catch (const MailboxFailure&) {
    there = missing;  // what is not even described may be there
  }
  missing.minus(there).for_each([&](imap::Uid uid) { release(from, uid); });
  there.for_each([&](imap::Uid uid) { hold(from, uid, Held::Kind::Refused, "it cannot be read"); });
}

void Apply::hold(Side from, imap::Uid uid, Held::Kind kind, std::string why) {
  auto& one = mailbox_.held[{from, uid}];
  const auto tries = one.tries + 1;
  if (one.why != why) remarks_.add(from, uid, "held, not copied: " + why);
  one = Held{kind, std::move(why), tries, base::unix_now() + pause_after(tries), std::move(one.name)};
  context_.journal.put_held(held_, mailbox_.record.number, from, uid, one);
  context_.progress.tick();
}

bool Apply::has_broken_at_a_message(Side from) const {
  return std::ranges::any_of(
      mailbox_.held, [&](const auto& entry) { return entry.first.first == from && entry.second.why == kBreaks; });
}

void Apply::suspect(Side from, imap::Uid uid) {
  const bool first = !mailbox_.held.contains({from, uid});
  hold(from, uid, Held::Kind::Refused, kBreaks);
  auto& one = mailbox_.held[{from, uid}];
  if (!first) return;
  one.next_try = 0;
  context_.journal.put_held(held_, mailbox_.record.number, from, uid, one);
}

void Apply::release(Side from, imap::Uid uid) {
  if (mailbox_.held.erase({from, uid}) > 0) context_.journal.erase_held(held_, mailbox_.record.number, from, uid);
}

OverQuota::Ask Apply::may_send(Side to) const {
  if (context_.over_quota == nullptr || mailbox_.on(to).commits_state()) return OverQuota::Ask::All;
  return context_.over_quota->may_send({to, mailbox_.record.number}, context_.tries_all_held);
}

// What waits is sent when one message was taken; the mailbox's state stays where it is until then.
void Apply::on_no_room(Side to, const std::string& why) {
  if (!why.empty() && context_.over_quota != nullptr) context_.over_quota->refused({to, mailbox_.record.number});
  good_ = false;
  if (std::exchange(said_full_, true)) return;
  const auto& there = context_.names.of(to);
  refused("messages wait here until there is room on " + there +
              " (make some: delete mail there); one of them asks from time to time, and each `postern sync`",
          {base::Reason::NoSpace, why.empty() ? there + " is over quota" : why});
}

bool Apply::is_too_large(const FetchedMessage& message, std::optional<std::uint64_t> largest, Side from) {
  if (!largest || message.data.size() <= *largest) return false;
  const auto shown = [](std::uint64_t octets) { return std::to_string((octets + 999) / 1000) + " kB"; };
  hold(from, message.uid, Held::Kind::Refused,
       "it has " + shown(message.data.size()) + ", and " + context_.names.of(other(from)) +
           " takes no message of more than " + shown(*largest) + " (APPENDLIMIT)");
  return true;
}

}  // namespace mirror
