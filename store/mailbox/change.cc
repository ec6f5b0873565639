// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mailbox/change.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "proto/base/clock.h"
#include "proto/base/fail_point.h"
#include "store/mailbox/ledger_entries.h"
#include "store/maildir/dovecot_files.h"
#include "store/maildir/mailbox_file.h"
#include "store/maildir/maildir.h"

namespace store {

namespace {

constexpr std::uint64_t kUidsEnd = 0xFFFFFFF0u;
constexpr std::uint32_t kReserve = 1000;    // UIDs that one line of the text file reserves
constexpr std::size_t kLogLimit = 200'000;  // expunges remembered, at most; half of them are dropped then
constexpr std::uint32_t kManyUids = 32;     // from here on neighbours are erased as one range

std::vector<std::string> letters_of(const Keywords& keywords) {
  auto out = keywords.names();
  if (out.size() > 26) out.resize(26);
  return out;
}

}  // namespace

Draft::Draft(MailboxState& mailbox) : record(mailbox.table().record()), mailbox_(mailbox) {}

Keywords& Draft::own_keywords() {
  if (!own_keywords_) own_keywords_ = table().keywords();
  return *own_keywords_;
}

Keywords::Set Draft::intern(const std::vector<std::string>& names) {
  if (names.empty()) return 0;
  const auto known = keywords().find(names);
  return known ? *known : own_keywords().intern(names);
}

Keywords::Set Draft::intern(std::vector<std::uint32_t> numbers) {
  const auto known = keywords().find(numbers);
  return known ? *known : own_keywords().intern(std::move(numbers));
}

// What the text file says of reserved UIDs stays true whatever becomes of the change.
base::Result<void> Draft::reserve_uids(std::uint64_t count) {
  mailbox_.change_mutex.assert_held();
  const auto end = record.uid_next.value + count;
  if (end > kUidsEnd)
    return base::refuse(base::Reason::Limit, "the mailbox " + mailbox_.name().utf8() +
                                                 " has used up its UIDs: make a new one, and move the messages there");
  if (end <= mailbox_.reserved.value) return {};
  const imap::Uid upto(static_cast<std::uint32_t>(std::min<std::uint64_t>(end + kReserve, 0xFFFFFFFEu)));
  append_to_mailbox_file(mailbox_.directory(), uid_next_line(upto));
  mailbox_.reserved = upto;
  return {};
}

void Draft::bring(Row row) {
  coming_.add(row.uid);
  updated_.push_back(std::move(row));
}

void Draft::add(Row row, bool comes) {
  if (comes) coming_.add(row.uid);
  if (row.uid >= record.uid_next) record.uid_next = row.uid.next();
  added_.push_back(std::move(row));
}

// Their UIDs are used up all the same, and their announcements are taken back by the commit.
void Draft::leave_out(const imap::UidSet& uids) {
  std::erase_if(added_, [&](const Row& row) { return uids.contains(row.uid); });
}

void Draft::note_keywords(const Row& row, Keywords::Set before) {
  const auto had = table().keywords().beyond_letters(before), has = keywords().beyond_letters(row.keywords);
  if (had.empty() && has.empty()) return;
  lines_ += keywords_line(row.uid, has);
  lines_back_ += keywords_line(row.uid, had);
}

void Draft::expunge(const Row& row, const std::string& by) {
  removed_.add(row.uid);
  if (row.elsewhere) return;
  auto& doomed = doomed_.emplace_back(DoomedFile{row.uid, MessageTable::path_of(row), {}, row.uid});
  if (by.empty() || !mailbox_.core.removed->keeps()) return;
  imap::FlagSet named;
  table().keywords().add_to(named, row.keywords);
  RemovalNote note{base::unix_now(), by, row.internal_date, row.system_flags, {}};
  for (const auto& keyword : named.keywords()) note.keywords.push_back(keyword);
  doomed.note = encode(note);
}

void Draft::prepare() {
  mailbox_.change_mutex.assert_held();
  const auto letters = letters_of(keywords());
  if (letters != mailbox_.letters_saved) {
    write_keyword_letters(mailbox_.directory(), letters);
    letters_before_ = std::exchange(mailbox_.letters_saved, letters);
  }
  if (const auto lines = mailbox_.lines_owed + lines_; !lines.empty()) {
    wrote_lines_ = true;  // even where this fails half way
    append_to_mailbox_file(mailbox_.directory(), lines);
    mailbox_.lines_owed.clear();
  }
  if (coming_.empty()) return;
  IndexBatch batch;
  for (const auto* rows : {&added_, &updated_})
    for (const auto& row : *rows)
      if (coming_.contains(row.uid)) batch.put(keys::doomed(mailbox_.id, row.uid), MessageTable::path_of(row));
  announced_ = true;
  mailbox_.core.index->write(batch, false);
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

void Draft::erase_messages(IndexBatch& batch) const {
  const auto& id = mailbox_.id;
  for (const auto& range : removed_.ranges()) {
    const imap::Uid first(range.first), end(range.last + 1);
    if (range.last - range.first >= kManyUids) {
      batch.erase_range(keys::row(id, first), keys::row(id, end));
      batch.erase_range(keys::content_link(id, first), keys::content_link(id, end));
      continue;
    }
    for (auto uid = first; uid < end; uid = uid.next()) {
      batch.erase(keys::row(id, uid));
      batch.erase(keys::content_link(id, uid));
    }
  }
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
  erase_messages(batch);
}

void Draft::write_to(IndexBatch& batch) const {
  mailbox_.change_mutex.assert_held();
  const auto& id = mailbox_.id;
  mailbox_.intents_owed.for_each([&](imap::Uid uid) { batch.erase(keys::doomed(id, uid)); });
  for (std::size_t i = 0; i < unlinked_; ++i) batch.erase(keys::doomed(id, mailbox_.doomed.files[i].uid));
  coming_.for_each([&](imap::Uid uid) { batch.erase(keys::doomed(id, uid)); });
  for (const auto& file : doomed_)
    batch.put(keys::doomed(id, file.uid), file.note.empty() ? file.path : file.path + '\0' + file.note);
  for (const auto uid : stale_content_) batch.erase(keys::content_link(id, uid));
  for (const auto* rows : {&added_, &updated_})
    for (const auto& row : *rows) put_row(batch, row);
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

void Draft::apply() {
  mailbox_.change_mutex.assert_held();
  mailbox_.write([this](MessageTable& table) {
    for (const auto& row : added_) table.index_base(row);
    if (const auto count = too_old()) {
      record.log_starts = std::max(record.log_starts, table.expunges()[count - 1].modseq);
      table.cut_log(count);
    }
    table.log_expunges(removed_.minus(seen_), modseq(), MessageTable::How::Said);
    table.log_expunges(seen_, modseq(), MessageTable::How::Seen);
    table.set_record(std::move(record));
    if (own_keywords_) table.swap_keywords(*own_keywords_);
    if (ends_renames_) table.end_renames();
    table.update(updated_);
    table.remove(removed_);
    table.add(added_);
  });
  mailbox_.intents_owed = {};
  mailbox_.pending.add(pending_);
  if (unlinked_ > 0) mailbox_.doomed.remove_first(unlinked_);
  for (auto& file : doomed_) mailbox_.doomed.add(file.uid, std::move(file.path), std::move(file.note));
}

// What cannot be taken back now is owed. Letters that nobody uses do no harm: the next change writes them anew.
void Draft::take_back(bool files_are_gone) {
  mailbox_.change_mutex.assert_held();
  if (letters_before_) try {
      write_keyword_letters(mailbox_.directory(), *letters_before_);
      mailbox_.letters_saved = *letters_before_;
    } catch (...) {
    }
  if (wrote_lines_) mailbox_.lines_owed += lines_back_;
  if (!mailbox_.lines_owed.empty()) try {
      append_to_mailbox_file(mailbox_.directory(), mailbox_.lines_owed);
      mailbox_.lines_owed.clear();
    } catch (...) {
    }
  if (!announced_) return;
  if (!files_are_gone) {  // they must not be taken for new mail
    for (const auto* rows : {&added_, &updated_})
      for (const auto& row : *rows)
        if (coming_.contains(row.uid)) mailbox_.doomed.add(row.uid, MessageTable::path_of(row));
    return;
  }
  mailbox_.intents_owed.add(coming_);
  try {
    IndexBatch batch;
    mailbox_.intents_owed.for_each([&](imap::Uid uid) { batch.erase(keys::doomed(mailbox_.id, uid)); });
    mailbox_.core.index->write(batch, false);
    mailbox_.intents_owed = {};
  } catch (...) {
  }
}

Change::Change(MailboxState& mailbox, const std::string& by) : core_(mailbox.core) { draft_of(mailbox).story.by = by; }

Draft& Change::draft_of(MailboxState& mailbox) {
  for (auto& draft : drafts_)
    if (&draft->mailbox() == &mailbox) return *draft;
  return *drafts_.emplace_back(std::make_unique<Draft>(mailbox));
}

void Change::prepare() {
  for (const auto& draft : drafts_) draft->prepare();
}

void Change::commit(const AtCommit& at_commit, std::span<const imap::Uid> uids, bool durable) {
  IndexBatch batch;
  for (const auto& draft : drafts_) draft->write_to(batch);
  if (at_commit) {
    StateBatch state;
    at_commit(uids, state);
    for (const auto& [key, value] : state.writes)
      value ? batch.put(keys::state(key), *value) : batch.erase(keys::state(key));
  }
  core_.index->write(batch, durable && core_.options.sync_to_disk);
  committed_ = true;
  if (core_.ledger->keeps()) tell();
  for (const auto& draft : drafts_) draft->apply();
}

void Change::tell() const {
  std::vector<LedgerEntry> entries;
  for (const auto& draft : drafts_) add_ledger_entries(*draft, entries);
  core_.ledger->note(entries);
}

Change::~Change() {
  if (committed_ || base::FailPoint::crashed()) return;
  bool all_gone = true;
  for (const auto& path : staged_) all_gone = (::unlink(path.c_str()) == 0 || errno == ENOENT) && all_gone;
  for (const auto& draft : drafts_) draft->take_back(all_gone);
}

}  // namespace store
