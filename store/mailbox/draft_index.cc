// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What a draft writes to the index: announcements of files that come, rows ahead of the commit where they are many, and
// its part of the commit.
#include <algorithm>
#include <memory>

#include "store/mailbox/change.h"

namespace store {

namespace {

constexpr std::size_t kLogLimit = 200'000;  // expunges remembered, at most; half of them are dropped then
constexpr std::uint32_t kManyUids = 32;     // from here on neighbours are erased as one range

// The keys of these messages, neighbours as one range.
template <class Key>
void erase_each(IndexBatch& batch, const imap::UidSet& uids, Key key) {
  for (const auto& range : uids.ranges()) {
    const imap::Uid end(range.last + 1);
    if (range.last - range.first >= kManyUids) {
      batch.erase_range(key(imap::Uid(range.first)), key(end));
      continue;
    }
    for (auto uid = imap::Uid(range.first); uid < end; uid = uid.next()) batch.erase(key(uid));
  }
}

// Writes much to the index piece by piece. Not durable: what comes behind it and is, is so with it.
class PiecesOfIndex {
 public:
  explicit PiecesOfIndex(StoreCore& core) : core_(core), batch_(std::make_unique<IndexBatch>()) {}
  IndexBatch& batch() { return *batch_; }
  void next() {  // something was put for one more message
    if (++count_ % core_.rows_at_once == 0) write();
  }
  void write() {
    if (batch_->empty()) return;
    core_.index->write(*batch_, false);
    batch_ = std::make_unique<IndexBatch>();
  }

 private:
  StoreCore& core_;
  std::unique_ptr<IndexBatch> batch_;
  std::size_t count_ = 0;
};

}  // namespace

void Draft::announce() {
  announced_ = true;
  PiecesOfIndex pieces(mailbox_.core);
  for_each_that_comes([&](const Row& row) {
    pieces.batch().put(keys::doomed(mailbox_.id, row.uid), MessageTable::path_of(row));
    pieces.next();
  });
  pieces.write();
}

void Draft::put_added(IndexBatch& batch, std::size_t place) const {
  put_row(batch, added_[place]);
  if (with_added_) with_added_(batch, place);
}

// Only of files that are announced: else nothing would tell that the rows are of a change that never was.
void Draft::write_ahead() {
  mailbox_.change_mutex.assert_held();
  if (added_.size() <= mailbox_.core.rows_at_once || !announced_) return;
  for (const auto& row : added_)
    if (!coming_.contains(row.uid)) return;
  PiecesOfIndex pieces(mailbox_.core);
  erase_messages(pieces.batch(), mailbox_.rows_owed);
  while (ahead_ < added_.size()) {
    put_added(pieces.batch(), ahead_++);
    pieces.next();
  }
  pieces.write();
}

void Draft::put_row(IndexBatch& batch, const Row& row) const {
  keys::RowRecord out;
  out.renaming = !ends_renames_ && table().is_being_renamed(row.uid);
  out.modseq = row.modseq;
  out.system_flags = row.system_flags;
  out.in_new = row.in_new;
  out.keywords = keywords().numbers(row.keywords);
  out.internal_date = row.internal_date;
  out.wire_size = row.wire_size;
  out.size_mark = row.size_mark;
  out.growing = row.growing;
  out.counted = row.counted;
  out.elsewhere = row.elsewhere;
  out.name = row.name;
  std::string value;
  keys::encode(value, out);
  batch.put(keys::row(mailbox_.id, row.uid), value);
}

void Draft::erase_messages(IndexBatch& batch, const imap::UidSet& uids) const {
  const auto& id = mailbox_.id;
  erase_each(batch, uids, [&](imap::Uid uid) { return keys::row(id, uid); });
  erase_each(batch, uids, [&](imap::Uid uid) { return keys::content_link(id, uid); });
}

std::size_t Draft::too_old() const {
  const auto all = table().expunges().size() + removed_.size();
  return all <= kLogLimit ? 0 : std::min<std::size_t>(table().expunges().size(), all - kLogLimit / 2);
}

void Draft::write_expunges(IndexBatch& batch) const {
  const auto& id = mailbox_.id;
  const auto& log = table().expunges();
  for (std::size_t i = 0; i < too_old(); ++i) batch.erase(keys::gone(id, log[i].modseq, log[i].uid));
  removed_.for_each(
      [&](imap::Uid uid) { batch.put(keys::gone(id, modseq(), uid), seen_.contains(uid) ? "" : keys::kSaid); });
  erase_messages(batch, removed_);
}

void Draft::write_to(IndexBatch& batch) const {
  mailbox_.change_mutex.assert_held();
  const auto& id = mailbox_.id;
  const auto announcement = [&](imap::Uid uid) { return keys::doomed(id, uid); };
  if (ahead_ == 0) erase_messages(batch, mailbox_.rows_owed);
  erase_each(batch, mailbox_.intents_owed, announcement);
  for (std::size_t i = 0; i < unlinked_; ++i) batch.erase(keys::doomed(id, mailbox_.doomed.files[i].uid));
  erase_each(batch, coming_, announcement);
  for (const auto& file : doomed_)
    batch.put(keys::doomed(id, file.uid), file.note.empty() ? file.path : file.path + '\0' + file.note);
  for (const auto uid : stale_content_) batch.erase(keys::content_link(id, uid));
  for (auto place = ahead_; place < added_.size(); ++place) put_added(batch, place);
  for (const auto& row : updated_) put_row(batch, row);
  write_expunges(batch);
  if (const auto count = removed_.size() + stale_content_.size(); count > 0) {  // others may have the contents too
    batch.put(keys::sweep_wanted(), "");
    mailbox_.core.contents->will_unlink(count);
  }
  if (also_) also_(batch);
  auto all = record;
  all.keywords = keywords().names();
  all.claimed = table().claimed();
  if (const auto count = too_old()) all.log_starts = std::max(all.log_starts, table().expunges()[count - 1].modseq);
  batch.put(keys::mailbox(id), keys::encode(all));
}

// Announcements, and rows, of changes that failed.
void Draft::erase_owed() {
  mailbox_.change_mutex.assert_held();
  IndexBatch batch;
  erase_messages(batch, mailbox_.rows_owed);
  erase_each(batch, mailbox_.intents_owed, [&](imap::Uid uid) { return keys::doomed(mailbox_.id, uid); });
  if (!batch.empty()) mailbox_.core.index->write(batch, false);
  mailbox_.rows_owed = mailbox_.intents_owed = {};
}

}  // namespace store
