// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How it goes:
// 1. The mailboxes in which something has changed here are asked what is gone that nobody has said, and what has come
//    that is no copy by a client of ours. What waits since an earlier pass counts too.
// 2. Of what has come the headers are read, here alone, and compared with what is known of those that are gone.
// 3. What is the same is moved there as what a client of ours has moved (carry_copies), if the server's message has
// that
//    Message-ID, size and date. Where the server could only copy it, the old one may go at once: it is no loss.
#include "sync/pass/moves/moved_files.h"

#include <map>
#include <set>

#include "sync/moved_files.h"
#include "sync/moves_here.h"
#include "sync/pass/moves/carry_copies.h"
#include "sync/pass/moves/copies_there.h"

namespace mirror {

namespace {

// Reading the headers of what comes without any connection with what is gone would be in vain.
constexpr std::uint64_t kComePerLost = 50;
constexpr std::uint64_t kComeAnyway = 500;

class FileFinder {
 public:
  explicit FileFinder(MailboxList& list) : list_(list), context_(list.context) {}

  asio::awaitable<void> look(const Candidate& candidate) {
    const auto opened = co_await list_.local.open(candidate.path, Effort::Little);
    if (!opened || !(*opened)->commits_state()) co_return;
    const auto& record = *candidate.record;
    const auto said = co_await (*opened)->changes(record.local, {});
    if (!(said.state.uid_validity == record.local.uid_validity)) co_return;
    co_await context_.workers.run([&] { compare(candidate, said); });
  }

  asio::awaitable<std::vector<CopyThere>> found() {
    if (lost_.empty() || come_count_ == 0 || come_count_ > lost_.size() * kComePerLost + kComeAnyway)
      co_return std::vector<CopyThere>();
    const auto notes = co_await list_.local.noted_copies();
    for (const auto& note : notes)
      if (const auto at = come_.find(note.copy.mailbox); at != come_.end()) at->second.remove(note.copy.uid);
    std::vector<NewHere> come;
    for (const auto& [path, uids] : come_) {
      if (uids.empty()) continue;
      const auto opened = co_await list_.local.open(path, Effort::Little);
      if (!opened) continue;
      const auto here = co_await (*opened)->identities(uids);
      for (const auto& one : here) come.push_back({path, one});
    }
    co_return match_moved_files(lost_, come, marks_here_);
  }

 private:
  void compare(const Candidate& candidate, const SideChanges& said) {
    auto& journal = context_.journal;
    const auto number = candidate.record->number;
    if (journal.is_uncertain(number)) return;
    const auto permits = context_.permits_of(candidate.path);
    const auto pairs = journal.pairs(number);
    imap::UidSet present, gone = said.vanished, come;
    for (const auto& seen : said.present) present.add(seen.uid);
    if (said.complete) gone.add(pairs.uids(Side::Local).minus(present));
    for (const auto& [key, absence] : journal.absences(number))
      if (key.first == Side::Local && absence.kind == Absence::Kind::Waits) gone.add(key.second);
    gone = gone.minus(said.said).minus(present);
    pairs.for_each([&](const Pair& pair) {
      if (!gone.contains(pair.local))
        marks_here_.insert(pair.mark);
      else if (permits.removes(Side::Remote))
        lost_.push_back({candidate.path, pair});
    });
    if (!permits.adds(Side::Remote)) return;
    for (const auto& seen : said.present)
      if (!pairs.find(Side::Local, seen.uid)) come.add(seen.uid);
    for (const auto& [message, held] : journal.held(number)) {
      if (message.first != Side::Local) continue;
      if (held.kind == Held::Kind::Refused)
        come.add(message.second);
      else
        come.remove(message.second);
    }
    for (const auto& intent : journal.intents(number))
      if (intent.to == Side::Remote) come.remove(intent.source);
    come_count_ += come.size();
    come_.emplace(candidate.path, std::move(come));
  }

  MailboxList& list_;
  PassContext& context_;
  std::vector<LostHere> lost_;
  std::map<MailboxPath, imap::UidSet> come_;
  std::uint64_t come_count_ = 0;
  std::set<std::uint64_t> marks_here_;  // of the Message-IDs of what is here still
};

// Whether anything may have gone, and anything come.
bool is_worth_a_look(const MailboxList& list) {
  bool lost = false, come = false;
  for (const auto& one : list.candidates) {
    if (one.record == nullptr || !stands_as_known(one.local, one.record->local)) continue;
    const Counted counted{one.path, one.record->local, *one.local->state};
    lost = lost || counted.lost() > 0 || list.absences.contains(one.record->number);
    come = come || counted.grown() > 0;
  }
  return lost && come;
}

// What could only be copied there, and is still in its old mailbox, goes without waiting, and is no loss for the fuse.
void allow_removals(PassContext& context, const MailboxList& list, const std::vector<CopyThere>& moves,
                    const Arrived& arrived) {
  store::StateBatch batch;
  for (const auto& one : moves) {
    if (!arrived.contains(one.copy)) continue;
    context.journal.put_absence(batch, list.records.at(one.mailbox).number, Side::Local, one.original.local,
                                {Absence::Kind::Leaves, context.removals.now});
  }
  if (!batch.writes.empty()) context.journal.commit(batch, true);
}

}  // namespace

asio::awaitable<std::vector<CopyThere>> find_moved_files(MailboxList& list) {
  if (!is_worth_a_look(list)) co_return std::vector<CopyThere>();
  FileFinder finder(list);
  for (const auto& one : list.candidates) {
    if (one.record == nullptr) continue;
    const auto& record = *one.record;
    const bool known = stands_as_known(one.local, record.local) && stands_as_known(one.remote, record.remote);
    const bool changed = known && (!(*one.local->state == record.local) || list.absences.contains(record.number));
    if (changed) co_await finder.look(one);
  }
  co_return co_await finder.found();
}

asio::awaitable<MovedFiles> carry_moved_files(MailboxList& list) {
  MovedFiles out;
  auto moves = co_await find_moved_files(list);
  if (moves.empty()) co_return out;
  const auto arrived = co_await carry_copies(list, moves);
  co_await list.context.workers.run([&] { allow_removals(list.context, list, moves, arrived); });
  std::set<MailboxPath> from;
  for (auto& one : moves) {
    from.insert(one.mailbox);
    if (!arrived.contains(one.copy)) out.left.push_back(std::move(one));
  }
  for (auto& candidate : list.candidates)
    if (from.contains(candidate.path)) out.left_from.push_back(&candidate);
  co_return out;
}

}  // namespace mirror
