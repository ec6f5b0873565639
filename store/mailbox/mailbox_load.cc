// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How a mailbox is opened.
#include <sys/stat.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "proto/base/clock.h"
#include "proto/base/last_change.h"
#include "proto/base/memory.h"
#include "store/mailbox/mailbox_impl.h"
#include "store/maildir/dovecot_files.h"
#include "store/maildir/mailbox_file.h"

namespace store {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

// When a directory last changed, in ns, as far as a later change could be told from it; else 0. Its change time counts,
// as the modification time can be set back (by backups and synchronisers); where a file system has none, the latter.
// Kernels advance these by the timer's tick, some file systems by whole seconds.
std::int64_t changed_at(const std::filesystem::path& directory) {
  struct stat status{};
  if (::stat(directory.c_str(), &status) < 0) return 0;
  const auto out = std::max(status.st_mtim.tv_sec * kSecond + status.st_mtim.tv_nsec,
                            status.st_ctim.tv_sec * kSecond + status.st_ctim.tv_nsec);
  const auto tick = out % kSecond == 0 ? 2 * kSecond : kSecond / 20;
  return out + tick < base::unix_micros() * 1000 ? out : 0;
}

Row row_by(const keys::RowRecord& record, imap::Uid uid, Keywords& keywords) {
  Row row;
  row.uid = uid;
  row.modseq = record.modseq;
  row.system_flags = record.system_flags;
  row.in_new = record.in_new;
  if (!record.keywords.empty()) row.keywords = keywords.intern(record.keywords);
  row.internal_date = record.internal_date;
  row.wire_size = record.wire_size;
  row.size_mark = record.size_mark;
  row.growing = record.growing;
  row.counted = record.counted;
  row.elsewhere = record.elsewhere;
  if (!row.elsewhere) row.name = record.name;
  return row;
}

}  // namespace

// The text file says what the mailbox is, the index what is in it, and the directory is read where it has changed
// since; without an index, whole.
void MailboxImpl::load(const std::function<imap::UidValidity()>& fresh_validity) {
  const ChangeLock lock(state_.change_mutex);
  if (const auto place = place_of(state_.directory())) {
    const base::MutexLock table(state_.table_mutex);
    place_ = *place;
  }
  mend_file();
  // UIDs of rows that the index has need not be told by the file too.
  auto file = MailboxFile::read(state_.directory(), [this](const std::string& id) {
    const auto record = stored_record(id);
    return record ? record->uid_next : imap::Uid(1);
  });
  const bool adopted = !file;
  if (adopted) {
    file = read_foreign_uids(state_.directory()).value_or(MailboxFile{});
    if (!file->uid_validity) file->uid_validity = fresh_validity();
    file->id = make_mailbox_id();
    file->write(state_.directory());
  }
  state_.id = file->id;
  auto record = stored_record(state_.id);
  if (record && is_copy(*record)) {
    file = MailboxFile::read(state_.directory());
    file->id = state_.id = make_mailbox_id();
    file->write(state_.directory());
    record.reset();
  }
  state_.reserved = file->uid_next;
  const bool known = record && record->uid_validity == file->uid_validity;
  begin_record(known ? std::move(record) : std::nullopt, file->uid_validity);
  const auto place = state_.directory().lexically_relative(core_.root).string();
  const bool moved = table().record().place != place;
  auto record_here = table().record();
  record_here.place = place;
  state_.write([&](MessageTable& table) { table.set_record(std::move(record_here)); });
  auto keywords = table().keywords();
  load_letters(keywords);
  state_.write([&](MessageTable& table) { table.swap_keywords(keywords); });
  const bool whole = load_rows(known);
  if (!whole && !adopted) file = MailboxFile::read(state_.directory());
  recorded_ = std::move(file->uids);
  more_keywords_ = std::move(file->more_keywords);
  whole ? load_known(moved) : rebuild(adopted);
  if (!growing_.empty()) look_at_growing();
  fresh_.clear();  // nobody watched
  recorded_ = {};
  more_keywords_ = {};
  state_.names_rest = core_.names_rest;
  if (!state_.names_rest) state_.queue_misnamed();
  state_.write([](MessageTable& table) { table.index_bases(); });
}

std::optional<keys::MailboxRecord> MailboxImpl::stored_record(const std::string& id) const {
  const auto stored = core_.index->get(keys::mailbox(id));
  return stored ? keys::decode_mailbox(*stored) : std::nullopt;
}

void MailboxImpl::begin_record(std::optional<keys::MailboxRecord> known, imap::UidValidity uid_validity) {
  keys::MailboxRecord record;
  if (known) {
    record = std::move(*known);
    auto keywords = table().keywords();
    keywords.set_names(record.keywords);
    state_.write([&](MessageTable& table) { table.swap_keywords(keywords); });
  } else {
    record.uid_validity = uid_validity;
    // A store that had an index before gave out modseqs that nobody knows now. They began with microseconds of time and
    // grew by one with each change: those of now, and of when the mailbox was changed last (the clock may have been set
    // back since), are above any of them.
    const auto& directory = state_.directory();
    record.highest_modseq = imap::ModSeq(static_cast<std::uint64_t>(
        base::micros_above_changes({directory / MailboxFile::kName, directory / "cur", directory / "new", directory})));
    record.log_starts = record.highest_modseq;
  }
  behind_.claims_are_noted(record.claimed);
  state_.write([&](MessageTable& table) {
    table.set_claimed(record.claimed);
    table.set_record(std::move(record));
  });
}

void MailboxImpl::load_known(bool moved) {
  rise_above_floor();
  const auto [cur, fresh] = directory_times();
  const bool young = cur == 0 || fresh == 0;
  if (young || cur != table().record().cur_changed || fresh != table().record().new_changed) scan(false);
  if (moved) write_record();
}

void MailboxImpl::rebuild(bool adopted) {
  for (const auto& row : table().rows())
    if (row.elsewhere) kept_elsewhere_.push_back(row);
  forget_rows();
  scan(true);
  base::give_back_free_memory();  // the names, and what was compared
  if (adopted || table().rows().empty()) return;
  const auto last = table().rows().back().uid;  // they were here before the index was lost: recent to nobody
  behind_.claims_are_noted(last);
  state_.write([&](MessageTable& table) { table.set_claimed(last); });
  write_record();
}

// Somebody has copied a mailbox's directory with all that is in it: two mailboxes must not have one id, by which the
// index knows them.
bool MailboxImpl::is_copy(const keys::MailboxRecord& record) const {
  if (record.place.empty() || record.place == state_.directory().lexically_relative(core_.root)) return false;
  try {
    const auto there = MailboxFile::read(core_.root / record.place, MailboxFile::without_uids);
    std::error_code ignored;
    return there && there->id == state_.id &&
           !std::filesystem::equivalent(core_.root / record.place, state_.directory(), ignored);
  } catch (const std::runtime_error&) {
    return false;
  }
}

// What is doomed stays so whatever the rows are.
imap::UidSet MailboxImpl::load_doomed() {
  imap::UidSet announced;
  core_.index->scan(keys::doomed_prefix(state_.id), [&](std::string_view key, std::string_view value) {
    state_.change_mutex.assert_held();
    const auto end = std::min(value.find('\0'), value.size());
    announced.add(keys::uid_at_end(key));
    if (end > 4)
      state_.doomed.add(keys::uid_at_end(key), std::string(value.substr(0, end)),
                        std::string(value.substr(std::min(end + 1, value.size()))));
    return true;
  });
  return announced;
}

bool MailboxImpl::load_rows(bool known) {
  bool whole = known;
  const auto announced = load_doomed();
  if (!known) return false;
  auto keywords = table().keywords();
  std::vector<Row> rows;
  imap::UidSet growing, renaming, uncommitted;
  keys::RowRecord in;
  core_.index->scan(keys::row_prefix(state_.id), [&](std::string_view key, std::string_view value) {
    state_.change_mutex.assert_held();
    if (const auto uid = keys::uid_at_end(key); uid >= table().record().uid_next && announced.contains(uid)) {
      uncommitted.add(uid);
      return true;
    }
    if (!keys::decode_row(value, in)) {
      whole = false;
      return true;  // of the others rebuild() keeps those that no file can tell
    }
    auto row = row_by(in, keys::uid_at_end(key), keywords);
    if (row.growing) growing.add(row.uid);
    if (in.renaming) renaming.add(row.uid);
    rows.push_back(std::move(row));
    return true;
  });
  erase_uncommitted(uncommitted);
  state_.write([&](MessageTable& table) { table.swap_keywords(keywords); });
  state_.pending.add(renaming);
  note_growing(growing);
  core_.index->scan(keys::gone_prefix(state_.id), [&](std::string_view key, std::string_view how) {
    state_.change_mutex.assert_held();
    const auto how_gone = how == keys::kSaid ? MessageTable::How::Said : MessageTable::How::Seen;
    state_.write([&](MessageTable& table) {
      table.log_expunges(imap::UidSet::of(keys::uid_at_end(key)), keys::gone_modseq(key), how_gone);
    });
    return true;
  });
  auto record = table().record();
  for (const auto& file : state_.doomed.files)  // of changes that a crash cut off; their records keep these UIDs
    if (record.uid_next <= file.uid) record.uid_next = file.uid.next();
  if (!rows.empty() && record.uid_next <= rows.back().uid) record.uid_next = rows.back().uid.next();
  state_.write([&](MessageTable& table) {
    table.set_record(std::move(record));
    table.add(rows);
  });
  return whole;
}

// Of a change that a crash has cut off (change.h). Before any other change: UIDNEXT rises above them with it.
void MailboxImpl::erase_uncommitted(const imap::UidSet& uids) const {
  IndexBatch batch;
  for (const auto& range : uids.ranges()) {
    const imap::Uid first(range.first), end(range.last + 1);
    batch.erase_range(keys::row(state_.id, first), keys::row(state_.id, end));
    batch.erase_range(keys::content_link(state_.id, first), keys::content_link(state_.id, end));
  }
  if (!batch.empty()) core_.index->write(batch, false);
}

// Who has read what of them is not known any more.
void MailboxImpl::note_growing(const imap::UidSet& uids) {
  const base::MutexLock table(state_.table_mutex);
  for (const auto& range : uids.ranges())
    for (auto uid = imap::Uid(range.first); uid.value <= range.last; uid = uid.next())
      growing_.try_emplace(uid), read_early_.try_emplace(uid);
}

// The index has lost what it said last (see Index): no MODSEQ that clients may know is given again, and all messages
// count as changed.
void MailboxImpl::rise_above_floor() {
  const imap::ModSeq floor(keys::digits(core_.index->get(keys::floor())));
  if (table().record().highest_modseq >= floor) return;
  Change change(state_);
  auto& draft = change.draft();
  draft.record.highest_modseq = draft.record.log_starts = floor;
  for (Row row : table().rows()) {
    row.modseq = floor;
    draft.update(std::move(row));
  }
  change.commit({}, {}, false);
}

// Before the rows are made anew: records of those that are not found would come back one day.
void MailboxImpl::forget_rows() {
  state_.write([](MessageTable& table) { table.clear(); });
  state_.pending = {};
  growing_.clear();
  {
    const base::MutexLock table(state_.table_mutex);
    read_early_.clear();
  }
  IndexBatch batch;
  erase_rows(batch);
  core_.index->write(batch, false);
}

// The letters of dovecot-keywords are the first 26 keywords, in their places.
void MailboxImpl::load_letters(Keywords& keywords) {
  const auto letters = read_keyword_letters(state_.directory());
  auto names = keywords.names();
  if (names.size() < letters.size()) names.resize(letters.size());
  for (std::size_t i = 0; i < letters.size(); ++i)
    if (!letters[i].empty() && names[i].empty()) names[i] = letters[i];
  keywords.set_names(std::move(names));
  state_.letters_saved = letters;
}

std::pair<std::int64_t, std::int64_t> MailboxImpl::directory_times() const {
  return {changed_at(state_.directory() / "cur"), changed_at(state_.directory() / "new")};
}

}  // namespace store
