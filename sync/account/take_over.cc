// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How it goes, for each mailbox of InterIMAP's database:
// 1. Both sides are listed whole. Another UIDVALIDITY, a smaller UIDNEXT, or a pair whose two messages have different
//    Message-IDs means that the database is about other mail: its pairs are not used. A UIDVALIDITY alone is not
//    enough, since many servers begin with the same one.
// 2. The database has no flags. A message whose flags have not changed since InterIMAP's last run (MODSEQ) on one side
//    has there the flags that were agreed; where both have changed, or a side does not tell, a flag counts as agreed
//    only if both have it: none is taken for removed then.
// 3. A message that is gone on one side has been removed since: its pair is kept, so that the pass removes the other
//    one, under its own rules (sync/pass/absent_messages.h).
// 4. What is recorded of each side has no MODSEQ, so that the pass lists all of it by itself.
#include "sync/account/take_over.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "sync/interimap/interimap_database.h"
#include "sync/progress.h"

namespace mirror {

namespace {

constexpr const char* kNote = "interimap-database";

using Flags = std::map<imap::Uid, imap::FlagSet>;

struct Look {
  SideState state;
  Flags flags;            // of each message
  imap::UidSet changed;   // since InterIMAP's last run, or that is not known
  bool is_whole = false;  // the listing is believed
};

enum class Found : std::uint8_t { Same, Elsewhere, OtherHere, OtherThere };

class Taking {
 public:
  Taking(TakeOver& work, Replica& local, Replica& remote) : work_(work), local_(local), remote_(remote) {}

  asio::awaitable<std::vector<std::string>> run() {
    const auto known = co_await read();
    co_await list(Side::Local);
    co_await list(Side::Remote);
    for (const auto& one : known) {
      if (!one.local.uid_validity || !one.remote.uid_validity || !work_.matches(one.path)) continue;
      const auto found = co_await take(one);
      ++count_[found];
      if (found == Found::OtherHere || found == Found::OtherThere) others_.push_back(one.path.shown());
    }
    if (count_[Found::OtherThere] > 0 && count_[Found::Same] + count_[Found::OtherHere] == 0) refuse_stranger();
    co_await work_.workers.run([this] {
      if (!batch_.writes.empty()) work_.journal.commit(batch_, true);
      work_.journal.put_note(kNote, work_.database.string());
    });
    co_return told();
  }

 private:
  asio::awaitable<std::vector<InterImapMailbox>> read() {
    auto out = co_await work_.workers.run([this] { return read_interimap_database(work_.database); });
    if (out) co_return std::move(*out);
    const bool waits = out.error().reason == base::Reason::InUse;
    throw Failure(out.error().reason,
                  out.error().text + (waits ? "; nothing was touched"
                                            : "; nothing was touched. Move the file away, and messages are paired "
                                              "by what they say"));
  }

  asio::awaitable<void> list(Side side) {
    auto& replica = side == Side::Local ? local_ : remote_;
    const auto listed = co_await replica.list();
    for (const auto& entry : listed)
      if (entry.exists) listed_[side].insert(entry.path);
  }

  asio::awaitable<Found> take(const InterImapMailbox& one) {
    if (!listed_[Side::Local].contains(one.path) || !listed_[Side::Remote].contains(one.path))
      co_return Found::Elsewhere;
    auto here = co_await local_.open(one.path, Effort::Little);
    auto there = co_await remote_.open(one.path, Effort::Little);
    if (!here || !there) co_return Found::Elsewhere;
    const auto far = co_await look(**there, one, Side::Remote);
    if (!is_same_mailbox(far.state, one.remote)) co_return Found::OtherThere;
    const auto near = co_await look(**here, one, Side::Local);
    if (!is_same_mailbox(near.state, one.local)) co_return Found::OtherHere;
    if (!near.is_whole || !far.is_whole) co_return Found::Elsewhere;
    const bool same = co_await are_same(**here, **there, one, near.flags, far.flags);
    if (!same) co_return Found::OtherThere;
    put(one, near, far);
    co_return Found::Same;
  }

  asio::awaitable<Look> look(ReplicaMailbox& mailbox, const InterImapMailbox& one, Side side) {
    const auto& since = side == Side::Local ? one.local : one.remote;
    imap::UidSet known;
    for (const auto& [here, there] : one.pairs) known.add(side == Side::Local ? here : there);
    Look out;
    const auto all = co_await mailbox.changes({}, {});
    out.state = all.state;
    out.is_whole = all.complete && all.doubt.empty() && all.unsure.empty();
    for (const auto& seen : all.present) out.flags[seen.uid] = seen.flags;
    // The built-in store may have taken over a server's UIDs, but never its MODSEQs.
    const bool tells = !mailbox.commits_state() && since.modseq.value > 0 && !(all.state.modseq < since.modseq) &&
                       all.state.uid_validity == since.uid_validity;
    if (!tells) {
      out.changed = known;
      co_return out;
    }
    const auto changes = co_await mailbox.changes({since.uid_validity, since.uid_next, since.modseq, 0}, known);
    if (changes.complete) out.changed = known;
    for (const auto& seen : changes.present) out.changed.add(seen.uid);
    co_return out;
  }

  // UIDs that are given a second time mean other messages: a backup was put back.
  static bool is_same_mailbox(const SideState& now, const SideState& known) {
    return now.uid_validity == known.uid_validity && !(now.uid_next < known.uid_next);
  }

  static std::map<imap::Uid, std::string> ids(const std::vector<Identity>& identities) {
    std::map<imap::Uid, std::string> out;
    for (const auto& one : identities)
      if (!one.message_id.empty()) out[one.uid] = one.message_id;
    return out;
  }

  // Of all its pairs, and some must say so: a pair of two messages would remove the wrong one one day.
  static asio::awaitable<bool> are_same(ReplicaMailbox& here, ReplicaMailbox& there, const InterImapMailbox& one,
                                        const Flags& near, const Flags& far) {
    std::vector<std::pair<imap::Uid, imap::Uid>> both;
    for (const auto& pair : one.pairs)
      if (near.contains(pair.first) && far.contains(pair.second)) both.push_back(pair);
    if (both.empty()) co_return true;
    imap::UidSet those_here, those_there;
    for (const auto& [local, remote] : both) {
      those_here.add(local);
      those_there.add(remote);
    }
    const auto identities_here = co_await here.identities(those_here);
    const auto identities_there = co_await there.identities(those_there);
    const auto ids_here = ids(identities_here), ids_there = ids(identities_there);
    std::size_t confirmed = 0;
    for (const auto& [local, remote] : both) {
      const auto a = ids_here.find(local), b = ids_there.find(remote);
      if (a == ids_here.end() || b == ids_there.end()) continue;
      if (a->second != b->second) co_return false;
      ++confirmed;
    }
    co_return confirmed > 0;
  }

  static imap::FlagSet agreed(std::pair<imap::Uid, imap::Uid> pair, const Look& near, const Look& far) {
    const auto a = near.flags.find(pair.first), b = far.flags.find(pair.second);
    if (a == near.flags.end() || b == far.flags.end()) return {};  // a message that is gone has none
    const bool moved_here = near.changed.contains(pair.first), moved_there = far.changed.contains(pair.second);
    if (moved_here && !moved_there) return b->second;
    if (moved_there && !moved_here) return a->second;
    auto one_sided = a->second, out = a->second;
    one_sided.remove(b->second);
    out.remove(one_sided);
    return out;
  }

  void put(const InterImapMailbox& one, const Look& near, const Look& far) {
    auto record = work_.journal.add_mailbox(one.path);
    record.local = {one.local.uid_validity, one.local.uid_next, {}, 0};
    record.remote = {one.remote.uid_validity, one.remote.uid_next, {}, 0};
    record.subscribed = one.subscribed;
    work_.journal.put_mailbox(batch_, record);
    for (const auto& pair : one.pairs)
      work_.journal.put_pair(batch_, record.number, {pair.first, pair.second, agreed(pair, near, far), 0});
    pairs_ += one.pairs.size();
  }

  [[noreturn]] void refuse_stranger() const {
    throw Failure(base::Reason::Configuration,
                  "InterIMAP's database " + work_.database.string() +
                      " is about another account, or the server was made anew: of none of its mailboxes are "
                      "UIDVALIDITY and messages those of " +
                      remote_.description() +
                      "; nothing was touched. Name the right one (`database = NAME`), or move the file away, and "
                      "messages are paired by what they say");
  }

  std::vector<std::string> told() {
    std::vector<std::string> out;
    if (count_[Found::Same] > 0)
      out.push_back("taken over from InterIMAP's database " + work_.database.string() + ": " +
                    std::to_string(count_[Found::Same]) + (count_[Found::Same] == 1 ? " mailbox, " : " mailboxes, ") +
                    message_count(pairs_) + "; do not run interimap on these two sides any more");
    if (!others_.empty()) {
      std::string names;
      for (std::size_t i = 0; i < std::min<std::size_t>(others_.size(), 3); ++i)
        names += (i == 0 ? "" : ", ") + others_[i];
      if (others_.size() > 3) names += ", …";
      out.push_back("InterIMAP's database knows other mail under these names (" + names +
                    "): " + std::to_string(others_.size()) + (others_.size() == 1 ? " mailbox is" : " mailboxes are") +
                    " paired by what messages say");
    }
    return out;
  }

  TakeOver& work_;
  Replica& local_;
  Replica& remote_;
  std::map<Side, std::set<MailboxPath>> listed_;
  std::map<Found, std::size_t> count_;
  std::vector<std::string> others_;
  store::StateBatch batch_;
  std::uint64_t pairs_ = 0;
};

}  // namespace

bool wants_take_over(const std::filesystem::path& database, Journal& journal) {
  std::error_code ignored;
  if (!std::filesystem::exists(database, ignored) || !journal.note(kNote).empty()) return false;
  return std::ranges::none_of(
      journal.mailboxes(), [](const MailboxRecord& one) { return one.local.uid_validity || one.remote.uid_validity; });
}

asio::awaitable<std::vector<std::string>> take_over(TakeOver work, Replica& local, Replica& remote) {
  Taking taking(work, local, remote);
  co_return co_await taking.run();
}

}  // namespace mirror
