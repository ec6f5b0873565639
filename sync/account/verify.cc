// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/account/verify.h"

#include <cstdlib>
#include <utility>

#include "proto/base/clock.h"
#include "proto/base/lines.h"
#include "proto/mail/digest.h"

namespace mirror {

namespace {

constexpr const char* kNote = "verified";
constexpr std::size_t kDigest = 16;  // octets of it that are compared

asio::awaitable<CheckedSide> look(ReplicaMailbox& mailbox, imap::UidValidity& uid_validity) {
  CheckedSide out;
  const auto listed = co_await mailbox.changes({}, {});
  uid_validity = listed.state.uid_validity;
  out.doubt = listed.doubt;
  imap::UidSet all;
  for (const auto& seen : listed.present) {
    out.messages[seen.uid].flags = seen.flags;
    all.add(seen.uid);
  }
  if (all.empty()) co_return out;
  const auto described = co_await mailbox.identities(all);
  for (const auto& one : described)
    if (const auto at = out.messages.find(one.uid); at != out.messages.end()) {
      at->second.internal_date = one.internal_date;
      at->second.size = one.size;
    }
  co_return out;
}

asio::awaitable<void> read_texts(ReplicaMailbox& mailbox, imap::UidSet uids, CheckedSide& side,
                                 transport::WorkerPool& workers) {
  if (uids.empty()) co_return;
  side.unread.add(uids);
  const auto stream = co_await mailbox.fetch(uids);
  for (;;) {
    const auto message = co_await stream->next();
    if (!message) break;
    // As they are paired: without what synchronisers add to their copies.
    const auto digest = co_await workers.run([&] { return mail::content_digest_of(message->data); });
    side.unread.remove(message->uid);
    const auto at = side.messages.find(message->uid);
    if (at != side.messages.end()) at->second.digest = digest.substr(0, kDigest);
  }
}

// What a server cannot keep is no difference.
void keep_what_both_can(CheckedSide& side, const ReplicaMailbox& near, const ReplicaMailbox& far) {
  for (auto& [uid, message] : side.messages) message.flags = far.kept(near.kept(message.flags));
}

imap::UidSet uids_of(const CheckedSide& side) {
  imap::UidSet out;
  for (const auto& [uid, message] : side.messages) out.add(uid);
  return out;
}

// Texts that are remembered, and that are another one here now: the server's is read again before anything is said.
TextsToCompare changed_here(const PairTable& pairs, const CheckedSide& here, const ComparedTexts& compared) {
  TextsToCompare out;
  for (const auto& [uid, message] : here.messages) {
    const auto* pair = pairs.find(Side::Local, uid);
    const auto at = pair == nullptr ? compared.end() : compared.find(pair->remote);
    if (at == compared.end() || message.digest.empty() || message.digest == at->second.digest) continue;
    out.there.add(pair->remote);
  }
  return out;
}

KnownDates dates_now(const CheckedMailbox& checked) {
  auto out = checked.dates;
  std::erase_if(out, [&](const auto& one) { return one.second.uid_validity != checked.uid_validity; });
  return out;
}

void remember_texts(store::StateBatch& out, const Journal& journal, std::uint32_t number,
                    const CheckedMailbox& checked) {
  for (const auto& [uid, message] : checked.there.messages) {
    const auto* pair = checked.pairs.find(Side::Remote, uid);
    const auto twin = pair == nullptr ? checked.here.messages.end() : checked.here.messages.find(pair->local);
    if (twin == checked.here.messages.end() || message.digest.empty() || twin->second.digest.empty()) continue;
    if (message.digest == twin->second.digest)
      journal.put_compared(out, number, uid, {checked.uid_validity, message.size, message.digest});
    else
      journal.erase_compared(out, number, uid);
  }
}

// Also what is known of messages that are there no more: it is forgotten.
store::StateBatch remember(const Journal& journal, std::uint32_t number, const CheckedMailbox& checked,
                           const KnownDates& found) {
  store::StateBatch out;
  remember_texts(out, journal, number, checked);
  for (const auto& [uid, dates] : found) {
    const OtherDates now{checked.uid_validity, dates.here, dates.there};
    if (const auto at = checked.dates.find(uid); at == checked.dates.end() || at->second != now)
      journal.put_known_dates(out, number, uid, now);
  }
  if (!checked.there.doubt.empty()) return out;
  for (const auto& [uid, text] : checked.compared)
    if (!checked.there.messages.contains(uid)) journal.erase_compared(out, number, uid);
  for (const auto& [uid, dates] : checked.dates)
    if (!checked.there.messages.contains(uid)) journal.erase_known_dates(out, number, uid);
  return out;
}

}  // namespace

Verification::Verification(Account& account, VerifyLimits limits)
    : account_(account), limits_(limits), directions_(account.config()) {}
Verification::~Verification() = default;

// Which mailboxes are compared is what a pass would synchronise, and what it has synchronised, wherever that went.
asio::awaitable<void> Verification::begin() {
  begun_ = true;
  if (auto ours = account_.claim_state(); !ours) throw Failure(ours.error().reason, ours.error().text);
  directions_.begin_look(account_.journal());
  local_ = account_.make_local(nullptr);
  remote_ = account_.make_remote(nullptr);
  const auto here = co_await local_->list();
  const auto there = co_await remote_->list();
  for (const auto* side : {local_.get(), remote_.get()})
    for (const auto& one : side->left_out())
      if (one.path.empty() || account_.matches(one.path))
        result_.differences.push_back((one.path.empty() ? "" : one.path.shown() + ": ") + one.why);
  for (auto& record : co_await account_.workers().run([&] { return account_.journal().mailboxes(); })) {
    waiting_.try_emplace(record.path);
    records_.emplace(record.path, record);
  }
  for (const auto* side : {&here, &there})
    for (const auto& entry : *side) {
      auto& listed = waiting_[entry.path];
      listed.subscribed = listed.subscribed || entry.subscribed;
      if (entry.exists) (side == &here ? listed.here : listed.there) = true;
    }
  std::erase_if(waiting_, [&](const auto& entry) {
    return !account_.matches(entry.first) || (account_.config().only_subscribed && !entry.second.subscribed);
  });
}

asio::awaitable<bool> Verification::step() {
  if (!begun_) co_await begin();
  if (waiting_.empty()) {
    co_await remote_->finish();
    note();
    co_return false;
  }
  const auto next = waiting_.extract(waiting_.begin());
  co_await compare(next.key(), next.mapped());
  co_return true;
}

asio::awaitable<void> Verification::run() {
  for (;;) {
    const bool more = co_await step();
    if (!more) co_return;
  }
}

asio::awaitable<void> Verification::compare(const MailboxPath& path, const Listed& listed) {
  const auto at = records_.find(path);
  if (!listed.here && !listed.there) {
    if (at != records_.end()) say(path, "is on neither side any more");
    co_return;
  }
  if (!listed.here || !listed.there) {
    const auto lost = listed.here ? Side::Remote : Side::Local;
    const auto permits = directions_.permits(path);
    const bool was_on_both = at != records_.end() && at->second.local.uid_validity;
    const auto what = listed.here ? "is not on " + remote_->description() : "is not here";
    if (was_on_both ? permits.removes(other(lost)) : permits.adds(lost))
      say(path, what);
    else
      result_.withheld.push_back(path.shown() + ": " + what);
    co_return;
  }
  if (at != records_.end()) {
    co_await compare_messages(at->second);
    co_return;
  }
  const auto here = co_await local_->open(path, Effort::Little);
  const auto there = co_await remote_->open(path, Effort::Little);
  say(path, here && there ? "was never synchronised" : (here ? there.error() : here.error()).text);
}

// Of a mailbox that both sides have and that was synchronised.
asio::awaitable<void> Verification::compare_messages(const MailboxRecord& record) {
  const auto near = co_await local_->open(record.path, Effort::Little);
  const auto far = co_await remote_->open(record.path, Effort::Bulk);
  if (!near || !far) {
    say(record.path, (near ? far.error() : near.error()).text);
    co_return;
  }
  try {
    const auto checked = co_await check(record, **near, **far);
    co_await conclude(record, checked);
  } catch (const MailboxFailure& failure) {
    say(record.path, failure.what());
  }
}

asio::awaitable<CheckedMailbox> Verification::check(const MailboxRecord& record, ReplicaMailbox& near,
                                                    ReplicaMailbox& far) {
  auto& workers = account_.workers();
  auto& journal = account_.journal();
  CheckedMailbox out;
  co_await workers.run([&] {
    out.pairs = journal.pairs(record.number);
    out.compared = journal.compared(record.number);
    out.dates = journal.known_dates(record.number);
  });
  imap::UidValidity ignored;
  out.here = co_await look(near, ignored);
  out.there = co_await look(far, out.uid_validity);
  keep_what_both_can(out.here, near, far);
  keep_what_both_can(out.there, near, far);
  const auto texts = texts_to_compare(out.pairs, out.here, out.there, out.compared,
                                      {out.uid_validity, limits_.forgets, limits_.octets});
  co_await read_texts(near, limits_.reads_here ? uids_of(out.here) : texts.here, out.here, workers);
  auto asked = texts.there;
  asked.add(changed_here(out.pairs, out.here, out.compared).there);
  for (const auto& [uid, message] : out.there.messages)
    if (asked.contains(uid) && limits_.octets != std::numeric_limits<std::uint64_t>::max())
      limits_.octets -= std::min(limits_.octets, message.size);
  co_await read_texts(far, asked.intersect(uids_of(out.there)), out.there, workers);
  result_.remembered += texts.remembered;
  result_.left += texts.left;
  co_return out;
}

asio::awaitable<void> Verification::conclude(const MailboxRecord& record, const CheckedMailbox& checked) {
  const auto found =
      compare_sides({checked.pairs, directions_.permits(record.path), dates_now(checked), limits_.accepts_dates},
                    checked.here, checked.there);
  for (const auto& what : found.differences) say(record.path, what);
  for (const auto& what : sentences(found.withheld)) result_.withheld.push_back(record.path.shown() + ": " + what);
  co_await account_.workers().run([&] {
    auto& journal = account_.journal();
    journal.commit(remember(journal, record.number, checked, found.known_dates), false);
  });
  result_.known_dates += found.known_dates.size();
  result_.messages += checked.here.messages.size();
  ++result_.mailboxes;
}

void Verification::say(const MailboxPath& path, const std::string& what) {
  result_.differences.push_back(path.shown() + ": " + what);
}

void Verification::note() {
  account_.journal().put_note(kNote, std::to_string(base::unix_now()) + "\n" + std::to_string(result_.mailboxes) +
                                         "\n" + std::to_string(result_.differences.size()) + "\n" +
                                         std::to_string(result_.left) + "\n");
}

LastVerified last_verified(Journal& journal) {
  const auto note = journal.note(kNote);
  std::string_view rest = note;
  const auto number = [&rest] {
    const auto line = base::take_line(rest);
    return line ? std::strtoull(std::string(*line).c_str(), nullptr, 10) : 0;
  };
  LastVerified out;
  out.when = static_cast<std::int64_t>(number());
  out.mailboxes = number();
  out.differences = number();
  out.left = number();
  return out;
}

}  // namespace mirror
