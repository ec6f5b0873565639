// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A state may be damaged, old, or about another account. How far it is believed:
// 1. It must be about this mailbox: UIDVALIDITY on the server is the one that the tool knew (here too, where the tool
//    knows messages by UID), and no UID of it is one that the server has not given yet.
// 2. A pair of which both messages are there counts where both have the same Message-ID, and no other message has it.
//    Where there is none, or others have it too, files may have been exchanged: what they are is found out
//    (doubtful_pairs.h). One pair of two different messages, and nothing of the state is used: messages are paired by
//    what they are, and nothing was removed.
// 3. Where some pairs are confirmed so, what the tool had on both sides and only one has now, by a whole listing that
//    nothing speaks against, was removed on the other side since the tool ran last.
// What a tool remembers of flags is the base of their merge, of keywords it remembers nothing.
#include "sync/pass/pairing/tool_pairs.h"

#include <algorithm>
#include <map>

#include "sync/message_mark.h"
#include "sync/pass/pairing/doubtful_pairs.h"
#include "sync/pass/pairing/same_messages.h"

namespace mirror {

namespace {

// The messages of one side, and how many have a Message-ID, or one and a date.
struct Judged {
  explicit Judged(const std::vector<Identity>& all) {
    for (const auto& one : all) {
      by_uid.emplace(one.uid, &one);
      ++ids[one.message_id];
      ++dated[{one.message_id, one.internal_date}];
    }
  }
  const Identity* find(imap::Uid uid) const {
    const auto at = by_uid.find(uid);
    return at == by_uid.end() ? nullptr : at->second;
  }
  bool is_alone(const Identity& one) const { return !one.message_id.empty() && ids.at(one.message_id) == 1; }
  bool is_alone_that_day(const Identity& one) const { return dated.at({one.message_id, one.internal_date}) == 1; }

  std::map<imap::Uid, const Identity*> by_uid;
  std::map<std::string, int> ids;
  std::map<std::pair<std::string, std::int64_t>, int> dated;
};

imap::FlagSet base_of(const ToolPair& pair, const Identity& here, const Identity& there) {
  auto out = in_both(here.flags, there.flags);
  if (pair.flags) out.set_system_bits(pair.flags->system_bits());
  return out;
}

}  // namespace

ToolVerdict judge(const ToolState& state, const std::vector<Identity>& here, const std::vector<Identity>& there) {
  ToolVerdict out;
  const Judged all_here(here), all_there(there);
  for (const auto& pair : state.pairs) {
    if (!pair.here) continue;
    const auto *one = all_here.find(*pair.here), *two = all_there.find(pair.there);
    if (one == nullptr || two == nullptr) continue;
    if (one->message_id != two->message_id) {
      ++out.strangers;
      continue;
    }
    const Pair found{*pair.here, pair.there, base_of(pair, *one, *two), mark_of(one->message_id)};
    const bool alone = all_here.is_alone(*one) && all_there.is_alone(*two);
    const bool dated = one->internal_date == two->internal_date && all_here.is_alone_that_day(*one) &&
                       all_there.is_alone_that_day(*two);
    if (alone || dated)
      out.found.add(found, *one, *two);
    else
      out.doubtful.push_back({found, one, two});
  }
  return out;
}

asio::awaitable<FoundPairs> ToolPairs::find() {
  if (context_.tool_states == nullptr) co_return FoundPairs();
  co_await context_.workers.run([this] { state_ = context_.tool_states->read(mailbox_.record.path); });
  if (!state_) co_return FoundPairs();
  has_met_tool_ = true;
  if (const auto why = why_not(); !why.empty()) co_return not_believed(why);
  if (!state_->remark.empty()) tell(state_->remark);
  imap::UidSet here, there;
  for (const auto& pair : state_->pairs) {
    if (!pair.here || !look_.shows(Side::Local, *pair.here) || !look_.shows(Side::Remote, pair.there)) continue;
    here.add(*pair.here);
    there.add(pair.there);
  }
  std::vector<Identity> those_here, those_there;
  if (!here.empty()) {
    those_here = co_await mailbox_.local->identities(std::move(here));
    those_there = co_await mailbox_.remote->identities(std::move(there));
  }
  auto verdict = judge(*state_, those_here, those_there);
  if (verdict.strangers == 0) co_await settle_doubtful(context_, mailbox_, verdict);
  if (verdict.strangers > 0)
    co_return not_believed(message_count(verdict.strangers) + " would be paired with another one");
  confirmed_ = !verdict.found.empty();
  context_.log.info(
      "paired as another synchroniser has left them",
      {{"mailbox", mailbox_.record.path.shown()}, {"tool", state_->tool}, {"messages", verdict.found.size()}});
  co_return std::move(verdict.found);
}

FoundPairs ToolPairs::not_believed(const std::string& why) {
  tell("what " + state_->tool + " knew of it (" + state_->file + ") is not used: " + why);
  state_.reset();
  return {};
}

std::string ToolPairs::why_not() const {
  if (!state_->damage.empty()) return state_->damage;
  const auto& now_there = look_.remote.state;
  if (state_->there != now_there.uid_validity)
    return "it is about another mailbox on the server (UIDVALIDITY " + std::to_string(state_->there.value) +
           ", and not " + std::to_string(now_there.uid_validity.value) + ")";
  if (state_->here && state_->here != look_.local.state.uid_validity)
    return "it is about another mailbox here (UIDVALIDITY " + std::to_string(state_->here.value) + ", and not " +
           std::to_string(look_.local.state.uid_validity.value) + ")";
  const bool ahead = std::ranges::any_of(
      state_->pairs, [&](const ToolPair& pair) { return now_there.uid_next && !(pair.there < now_there.uid_next); });
  return ahead ? "it knows messages that the server has not had yet (a backup may have been put back there)" : "";
}

// A listing that lacks a message is one witness; the server is asked for it by itself.
asio::awaitable<imap::UidSet> ToolPairs::told_of_there() {
  imap::UidSet missing;
  for (const auto& pair : state_->pairs)
    if (pair.here && look_.shows(Side::Local, *pair.here) && !look_.shows(Side::Remote, pair.there))
      missing.add(pair.there);
  if (missing.empty()) co_return imap::UidSet();
  co_return co_await mailbox_.remote->told_of(std::move(missing));
}

// Of a pair that one side has lost; nullopt: it has not, or that is not known.
std::optional<Absence> ToolPairs::absence_of(const ToolPair& pair, const imap::UidSet& told, Side& lost) const {
  const bool is_here = pair.here && look_.shows(Side::Local, *pair.here);
  const bool is_there = look_.shows(Side::Remote, pair.there);
  if (is_here == is_there) return std::nullopt;
  lost = is_here ? Side::Remote : Side::Local;
  if (is_here ? mailbox_.pairs.find(Side::Local, *pair.here) != nullptr || told.contains(pair.there)
              : mailbox_.pairs.find(Side::Remote, pair.there) != nullptr)
    return std::nullopt;
  return Absence{pair.doubtful ? Absence::Kind::Held : Absence::Kind::Waits, context_.removals.now};
}

asio::awaitable<void> ToolPairs::settle(store::StateBatch& batch) {
  const bool whole =
      look_.local.complete && look_.remote.complete && look_.local.doubt.empty() && look_.remote.doubt.empty();
  if (!state_ || !confirmed_ || !state_->proves_removals || !whole) co_return;
  const auto told = co_await told_of_there();
  std::map<imap::Uid, Identity> there;  // what is left of those that are gone here
  imap::UidSet left;
  for (const auto& pair : state_->pairs)
    if (!pair.here && look_.shows(Side::Remote, pair.there)) left.add(pair.there);
  std::vector<Identity> identities;
  if (!left.empty()) identities = co_await mailbox_.remote->identities(std::move(left));
  for (auto& one : identities) there.emplace(one.uid, std::move(one));
  auto none = imap::Uid(0xfffffffeu);  // a UID that no message has
  std::uint64_t gone[2] = {};
  for (const auto& pair : state_->pairs) {
    auto lost = Side::Local;
    const auto absence = absence_of(pair, told, lost);
    if (!absence) continue;
    Pair known{pair.here.value_or(none), pair.there, pair.flags.value_or(imap::FlagSet()), 0};
    if (const auto at = there.find(pair.there); at != there.end()) known.mark = mark_of(at->second.message_id);
    if (!pair.here) none = imap::Uid(none.value - 1);
    mailbox_.pairs.put(known);
    mailbox_.absences[{lost, known.uid(lost)}] = *absence;
    context_.journal.put_pair(batch, mailbox_.record.number, known);
    context_.journal.put_absence(batch, mailbox_.record.number, lost, known.uid(lost), *absence);
    ++gone[lost == Side::Local ? 0 : 1];
  }
  if (gone[0] > 0) tell(message_count(gone[0]) + " had been removed here since " + state_->tool + " ran last");
  if (gone[1] > 0) tell(message_count(gone[1]) + " had been removed on the server since " + state_->tool + " ran last");
}

asio::awaitable<void> ToolPairs::finish() {
  if (!state_ || context_.is_trial) co_return;
  co_await context_.workers.run([this] { context_.tool_states->set_used(mailbox_.record.path); });
}

void ToolPairs::tell(const std::string& text) {
  context_.log.info("another synchroniser's state", {{"mailbox", mailbox_.record.path.shown()}, {"what", text}});
  context_.progress.told.push_back(mailbox_.record.path.shown() + ": " + text);
}

}  // namespace mirror
