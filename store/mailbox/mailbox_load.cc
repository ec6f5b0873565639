// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How a mailbox is opened.
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "proto/base/clock.h"
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

}  // namespace

// The text file says what the mailbox is, the index what is in it, and the directory is read where it has changed
// since; without an index, whole.
void MailboxImpl::load(const std::function<imap::UidValidity()>& fresh_validity) {
  const std::lock_guard lock(mutex_);
  place_ = place_of(directory_).value_or(place_);
  mend_file();
  // UIDs of rows that the index has need not be told by the file too.
  auto file = MailboxFile::read(directory_, [this](const std::string& id) {
    const auto record = stored_record(id);
    return record ? record->uid_next : imap::Uid(1);
  });
  const bool adopted = !file;
  if (adopted) {
    file = read_foreign_uids(directory_).value_or(MailboxFile{});
    if (!file->uid_validity) file->uid_validity = fresh_validity();
    file->id = make_mailbox_id();
    file->write(directory_);
  }
  id_ = file->id;
  auto record = stored_record(id_);
  if (record && is_copy(*record)) {
    file = MailboxFile::read(directory_);
    file->id = id_ = make_mailbox_id();
    file->write(directory_);
    record.reset();
  }
  reserved_ = file->uid_next;
  const bool known = record && record->uid_validity == file->uid_validity;
  begin_record(known ? std::move(record) : std::nullopt, file->uid_validity);
  const auto place = directory_.lexically_relative(core_.root).string();
  const bool moved = std::exchange(record_.place, place) != place;
  load_letters();
  const bool whole = load_rows(known);
  if (!whole && !adopted) file = MailboxFile::read(directory_);
  recorded_ = std::move(file->uids);
  more_keywords_ = std::move(file->more_keywords);
  whole ? take_up(moved) : rebuild(adopted);
  recorded_ = {};
  more_keywords_ = {};
  for (const auto& row : rows_)
    if (is_pending(row)) pending_.insert(row.uid);
  index_bases();
}

std::optional<keys::MailboxRecord> MailboxImpl::stored_record(const std::string& id) const {
  const auto stored = core_.index->get(keys::mailbox(id));
  return stored ? keys::decode_mailbox(*stored) : std::nullopt;
}

void MailboxImpl::begin_record(std::optional<keys::MailboxRecord> known, imap::UidValidity uid_validity) {
  if (known) {
    record_ = std::move(*known);
    keywords_.set_names(record_.keywords);
    return;
  }
  record_.uid_validity = uid_validity;
  record_.uid_next = imap::Uid(1);
  // A store that had an index before gave out modseqs that nobody knows now: microseconds of time are above any of
  // them.
  record_.highest_modseq = imap::ModSeq(static_cast<std::uint64_t>(base::unix_micros()));
  record_.log_starts = record_.highest_modseq;
  record_.claimed = imap::Uid(0);
}

void MailboxImpl::take_up(bool moved) {
  rise_above_floor();
  const auto [cur, fresh] = directory_times();
  const bool young = cur == 0 || fresh == 0;
  if (young || cur != record_.cur_changed || fresh != record_.new_changed) scan(false);
  if (!moved) return;
  IndexBatch batch;
  put_record(batch);
  core_.index->write(batch, false);
}

void MailboxImpl::rebuild(bool adopted) {
  forget_rows();
  scan(true);
  if (adopted || rows_.empty()) return;
  record_.claimed = rows_.back().uid;  // they were here before the index was lost: recent to nobody
  IndexBatch batch;
  put_record(batch);
  core_.index->write(batch, false);
}

// Somebody has copied a mailbox's directory with all that is in it: two mailboxes must not have one id, by which the
// index knows them.
bool MailboxImpl::is_copy(const keys::MailboxRecord& record) const {
  if (record.place.empty() || record.place == directory_.lexically_relative(core_.root)) return false;
  try {
    const auto there = MailboxFile::read(core_.root / record.place, MailboxFile::without_uids);
    std::error_code ignored;
    return there && there->id == id_ && !std::filesystem::equivalent(core_.root / record.place, directory_, ignored);
  } catch (const std::runtime_error&) {
    return false;
  }
}

// What is doomed stays so whatever the rows are.
bool MailboxImpl::load_rows(bool known) {
  bool whole = known;
  core_.index->scan(keys::doomed_prefix(id_), [&](std::string_view key, std::string_view value) {
    if (value.size() > 4) doom(keys::uid_at_end(key), std::string(value));
    return true;
  });
  if (!known) return false;
  keys::RowRecord in;
  core_.index->scan(keys::row_prefix(id_), [&](std::string_view key, std::string_view value) {
    if (!keys::decode_row(value, in)) return whole = false;
    Row row;
    row.uid = keys::uid_at_end(key);
    row.modseq = in.modseq;
    row.system_flags = in.system_flags;
    row.in_new = in.in_new;
    if (!in.keywords.empty()) row.keywords = keywords_.intern(in.keywords);
    row.internal_date = in.internal_date;
    row.wire_size = in.wire_size;
    row.name = in.name;
    if (in.renaming) pending_.insert(pending_.end(), row.uid);
    rows_.push_back(std::move(row));
    return true;
  });
  core_.index->scan(keys::gone_prefix(id_), [&](std::string_view key, std::string_view) {
    gone_.emplace_back(keys::gone_modseq(key), keys::uid_at_end(key));
    return true;
  });
  for (const auto& [uid, path] : doomed_)  // of changes that a crash cut off; their records keep these UIDs
    if (record_.uid_next <= uid) record_.uid_next = uid.next();
  if (!rows_.empty() && record_.uid_next <= rows_.back().uid) record_.uid_next = rows_.back().uid.next();
  return whole;
}

// The index has lost what it said last (see Index): no MODSEQ that clients may know is given again, and all messages
// count as changed.
void MailboxImpl::rise_above_floor() {
  const auto text = core_.index->get(keys::floor());
  const imap::ModSeq floor(text ? std::strtoull(text->c_str(), nullptr, 10) : 0);
  if (record_.highest_modseq >= floor) return;
  record_.highest_modseq = record_.log_starts = floor;
  IndexBatch batch;
  for (auto& row : rows_) {
    row.modseq = floor;
    put_row(batch, row);
  }
  put_record(batch);
  core_.index->write(batch, false);
}

// Before the rows are made anew: records of those that are not found would come back one day.
void MailboxImpl::forget_rows() {
  rows_.clear();
  gone_.clear();
  pending_.clear();
  IndexBatch batch;
  erase_rows(batch);
  core_.index->write(batch, false);
}

// The letters of dovecot-keywords are the first 26 keywords, in their places.
void MailboxImpl::load_letters() {
  const auto letters = read_keyword_letters(directory_);
  auto names = keywords_.names();
  if (names.size() < letters.size()) names.resize(letters.size());
  for (std::size_t i = 0; i < letters.size(); ++i)
    if (!letters[i].empty() && names[i].empty()) names[i] = letters[i];
  keywords_.set_names(std::move(names));
  letters_saved_ = letters;
}

std::pair<std::int64_t, std::int64_t> MailboxImpl::directory_times() const {
  return {changed_at(directory_ / "cur"), changed_at(directory_ / "new")};
}

}  // namespace store
