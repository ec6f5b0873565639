// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mailbox_impl.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "proto/base/clock.h"
#include "store/dovecot_files.h"
#include "store/mailbox_file.h"

namespace store {

namespace {

constexpr std::uint32_t kReserve = 1000;    // UIDs that one line of the text file reserves
constexpr std::size_t kLogLimit = 200'000;  // expunges remembered, at most; half of them are dropped then

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

MailboxImpl::MailboxImpl(StoreCore& core, imap::MailboxName name, std::filesystem::path directory)
    : core_(core), name_(std::move(name)), directory_(std::move(directory)) {}

void MailboxImpl::load(const std::function<imap::UidValidity()>& fresh_validity) {
  const std::lock_guard lock(mutex_);
  auto file = MailboxFile::read(directory_);
  const bool adopted = !file;
  if (adopted) {
    file = read_foreign_uids(directory_).value_or(MailboxFile{});
    if (!file->uid_validity) file->uid_validity = fresh_validity();
    file->id = make_mailbox_id();
    file->write(directory_);
  }
  id_ = file->id;
  const auto stored = core_.index->get(keys::mailbox(id_));
  auto record = stored ? keys::decode_mailbox(*stored) : std::nullopt;
  if (record && is_copy(*record)) {
    file->id = id_ = make_mailbox_id();
    file->write(directory_);
    record.reset();
  }
  reserved_ = file->uid_next;
  adopted_ = std::move(file->uids);
  more_keywords_ = std::move(file->more_keywords);
  const bool known = record && record->uid_validity == file->uid_validity;
  if (known) {
    record_ = std::move(*record);
    keywords_.set_names(record_.keywords);
  } else {
    record_.uid_validity = file->uid_validity;
    record_.uid_next = imap::Uid(1);
    // A store that had an index before gave out modseqs that nobody knows now: microseconds of time are above any of
    // them.
    record_.highest_modseq = imap::ModSeq(static_cast<std::uint64_t>(base::unix_micros()));
    record_.log_starts = record_.highest_modseq;
    record_.claimed = imap::Uid(0);
  }
  const bool moved = record_.place != directory_.lexically_relative(core_.root).string();
  record_.place = directory_.lexically_relative(core_.root).string();
  load_letters();
  const bool whole = load_rows(known);
  if (whole) rise_above_floor();
  if (whole) {
    const auto [cur, fresh] = directory_times();
    const bool young = cur == 0 || fresh == 0;
    if (young || cur != record_.cur_changed || fresh != record_.new_changed) scan(false);
  } else {
    forget_rows();
    scan(true);
    if (!adopted && !rows_.empty()) {  // they were here before the index was lost: recent to nobody
      record_.claimed = rows_.back().uid;
      IndexBatch batch;
      put_record(batch);
      core_.index->write(batch, false);
    }
  }
  more_keywords_.clear();
  if (whole && moved) {
    IndexBatch batch;
    put_record(batch);
    core_.index->write(batch, false);
  }
  for (const auto& row : rows_) {
    if (is_pending(row)) pending_.insert(row.uid);
    if (const auto name = parse_maildir_name(row.name); name.uid != row.uid) adopted_[std::string(name.base)] = row.uid;
  }
}

// Somebody has copied a mailbox's directory with all that is in it: two mailboxes must not have one id, by which the
// index knows them.
bool MailboxImpl::is_copy(const keys::MailboxRecord& record) const {
  if (record.place.empty() || record.place == directory_.lexically_relative(core_.root)) return false;
  try {
    const auto there = MailboxFile::read(core_.root / record.place);
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

void MailboxImpl::erase_rows(IndexBatch& batch) const {
  for (const auto& prefix : {keys::row_prefix(id_), keys::gone_prefix(id_)})
    batch.erase_range(prefix, keys::end_of(prefix));
  for (const auto kind : {keys::Content::Envelope, keys::Content::Header, keys::Content::Structure}) {
    const auto prefix = keys::content_prefix(kind, id_);
    batch.erase_range(prefix, keys::end_of(prefix), Table::Content);
  }
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

void MailboxImpl::save_letters() {
  auto letters = keywords_.names();
  if (letters.size() > 26) letters.resize(26);
  if (letters == letters_saved_) return;
  write_keyword_letters(directory_, letters);
  letters_saved_ = std::move(letters);
}

std::pair<std::int64_t, std::int64_t> MailboxImpl::directory_times() const {
  return {changed_at(directory_ / "cur"), changed_at(directory_ / "new")};
}

std::vector<Row>::iterator MailboxImpl::find(imap::Uid uid) {
  const auto it = std::ranges::lower_bound(rows_, uid, {}, &Row::uid);
  return it != rows_.end() && it->uid == uid ? it : rows_.end();
}

std::vector<Row>::const_iterator MailboxImpl::find(imap::Uid uid) const {
  const auto it = std::ranges::lower_bound(rows_, uid, {}, &Row::uid);
  return it != rows_.end() && it->uid == uid ? it : rows_.end();
}

Message MailboxImpl::message_of(const Row& row) const {
  Message out;
  out.uid = row.uid;
  out.modseq = row.modseq;
  out.flags.set_system_bits(row.system_flags);
  if (row.keywords != 0) keywords_.add_to(out.flags, row.keywords);
  out.internal_date = row.internal_date;
  out.size = row.wire_size;
  return out;
}

std::string MailboxImpl::name_for(const Row& row) const {
  const auto name = parse_maildir_name(row.name);
  if (wants_new(row)) return std::string(name.base);
  return std::string(name.base) + format_info(row.system_flags, keywords_.letters(row.keywords), name.unknown_letters);
}

bool MailboxImpl::is_pending(const Row& row) const {
  if (wants_new(row)) return false;
  if (row.in_new) return true;
  const auto name = parse_maildir_name(row.name);
  return name.system_flags != row.system_flags || name.keyword_letters != keywords_.letters(row.keywords);
}

std::vector<std::string> MailboxImpl::paths_of(const Row& row) const {
  std::vector<std::string> out{path_of(row), (wants_new(row) ? "new/" : "cur/") + name_for(row)};
  if (const auto it = renaming_.find(row.uid.value); it != renaming_.end()) out.push_back(it->second);
  return out;
}

void MailboxImpl::put_row(IndexBatch& batch, const Row& row) const {
  keys::RowRecord out;
  out.renaming = renaming_.contains(row.uid.value);
  out.modseq = row.modseq;
  out.system_flags = row.system_flags;
  out.in_new = row.in_new;
  out.keywords = keywords_.numbers(row.keywords);
  out.internal_date = row.internal_date;
  out.wire_size = row.wire_size;
  out.name = row.name;
  std::string value;
  keys::encode(value, out);
  batch.put(keys::row(id_, row.uid), value);
}

void MailboxImpl::put_record(IndexBatch& batch) const {
  auto record = record_;
  record.keywords = keywords_.names();
  batch.put(keys::mailbox(id_), keys::encode(record));
}

void MailboxImpl::finish(IndexBatch& batch, const AtCommit& at_commit, std::span<const imap::Uid> uids) {
  put_record(batch);
  if (at_commit) {
    StateBatch state;
    at_commit(uids, state);
    for (const auto& [key, value] : state.writes)
      value ? batch.put(keys::state(key), *value) : batch.erase(keys::state(key));
  }
  core_.index->write(batch, core_.options.sync_to_disk);
}

void MailboxImpl::reserve_uids(std::uint64_t count) {
  if (record_.uid_next.value + count > 0xFFFFFFF0ull)
    throw std::runtime_error("mailbox " + name_.utf8() + " has used up its UIDs");
  if (record_.uid_next.value + count <= reserved_.value) return;
  const imap::Uid upto(
      static_cast<std::uint32_t>(std::min<std::uint64_t>(record_.uid_next.value + count + kReserve, 0xFFFFFFFEu)));
  append_to_mailbox_file(directory_, uid_next_line(upto));
  reserved_ = upto;
}

void MailboxImpl::doom(imap::Uid uid, std::string path) {
  doomed_bases_.emplace(parse_maildir_name(std::string_view(path).substr(4)).base);
  doomed_.emplace_back(uid, std::move(path));
}

void MailboxImpl::undoom_bases(std::size_t from, std::size_t to) {
  for (auto i = from; i < to; ++i) {
    const auto base = parse_maildir_name(std::string_view(doomed_[i].second).substr(4)).base;
    if (const auto it = doomed_bases_.find(std::string(base)); it != doomed_bases_.end()) doomed_bases_.erase(it);
  }
}

void MailboxImpl::intend(const std::vector<Row>& rows) {
  IndexBatch batch;
  for (const auto& row : rows) batch.put(keys::doomed(id_, row.uid), path_of(row));
  core_.index->write(batch, false);
}

void MailboxImpl::trim_log() {
  if (gone_.size() <= kLogLimit) return;
  IndexBatch batch;
  while (gone_.size() > kLogLimit / 2) {
    record_.log_starts = gone_.front().first;
    batch.erase(keys::gone(id_, gone_.front().first, gone_.front().second));
    gone_.pop_front();
  }
  put_record(batch);
  try {
    core_.index->write(batch, false);
  } catch (const std::system_error&) {
    // They stay in the index until the next time.
  }
}

void MailboxImpl::erase_content(IndexBatch& batch, imap::Uid uid) const {
  for (const auto kind : {keys::Content::Envelope, keys::Content::Header, keys::Content::Structure})
    batch.erase(keys::content(kind, id_, uid), Table::Content);
}

void MailboxImpl::forget(IndexBatch& batch, std::vector<Row>::iterator row, imap::ModSeq modseq) {
  batch.erase(keys::row(id_, row->uid));
  erase_content(batch, row->uid);
  batch.put(keys::gone(id_, modseq, row->uid), "");
  gone_.emplace_back(modseq, row->uid);
}

void MailboxImpl::changed() {
  feed_.publish();
  StoreEvent event;
  event.mailbox = name();
  core_.feed.publish(event);
}

base::Result<void> MailboxImpl::check_alive() const {
  if (deleted_) return base::refuse(base::Reason::NoSuchMailbox, "the mailbox was deleted");
  return {};
}

imap::MailboxName MailboxImpl::name() const {
  const std::lock_guard lock(mutex_);
  return name_;
}

MailboxStatus MailboxImpl::status() const {
  const std::lock_guard lock(mutex_);
  MailboxStatus out;
  out.mailbox_id = id_;
  out.uid_validity = record_.uid_validity;
  out.uid_next = record_.uid_next;
  out.highest_modseq = record_.highest_modseq;
  out.messages = static_cast<std::uint32_t>(rows_.size());
  for (const auto& row : rows_) {
    if (!(row.system_flags & static_cast<std::uint8_t>(imap::Flag::Seen))) ++out.unseen;
    if (row.system_flags & static_cast<std::uint8_t>(imap::Flag::Deleted)) ++out.deleted;
    if (row.uid > record_.claimed) ++out.recent;
    out.size += row.wire_size;
  }
  return out;
}

std::vector<std::string> MailboxImpl::keywords() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  std::ranges::copy_if(keywords_.names(), std::back_inserter(out),
                       [](const std::string& name) { return !name.empty(); });
  return out;
}

std::vector<imap::Uid> MailboxImpl::uids() const {
  const std::lock_guard lock(mutex_);
  std::vector<imap::Uid> out;
  out.reserve(rows_.size());
  for (const auto& row : rows_) out.push_back(row.uid);
  return out;
}

std::optional<imap::Uid> MailboxImpl::first_unseen() const {
  const std::lock_guard lock(mutex_);
  const auto it = std::ranges::find_if(
      rows_, [](const Row& row) { return !(row.system_flags & static_cast<std::uint8_t>(imap::Flag::Seen)); });
  if (it == rows_.end()) return std::nullopt;
  return it->uid;
}

std::vector<Message> MailboxImpl::messages(const imap::UidSet& uids) const {
  const std::lock_guard lock(mutex_);
  std::vector<Message> out;
  for_each_row(uids, [&](const Row& row) { out.push_back(message_of(row)); });
  return out;
}

Changes MailboxImpl::changes_since(imap::ModSeq since) const {
  const std::lock_guard lock(mutex_);
  Changes out;
  out.highest = record_.highest_modseq;
  if (since >= record_.highest_modseq) return out;
  for (const auto& row : rows_)
    if (row.modseq > since) out.changed.push_back(message_of(row));
  if (since < record_.log_starts) {
    // The log does not reach back that far: all that are not here may have been.
    if (record_.uid_next.value > 1)
      out.vanished = imap::UidSet::between(imap::Uid(1), imap::Uid(record_.uid_next.value - 1));
    imap::UidSet here;
    for (const auto& row : rows_) here.add(row.uid);
    out.vanished = out.vanished.minus(here);
  } else {
    std::vector<imap::Uid> vanished;
    for (auto it = gone_.rbegin(); it != gone_.rend() && it->first > since; ++it) vanished.push_back(it->second);
    std::ranges::sort(vanished);
    for (const auto uid : vanished) out.vanished.add(uid);
  }
  return out;
}

imap::UidSet MailboxImpl::claim_recent() {
  imap::UidSet out;
  bool work = false;
  {
    const std::lock_guard lock(mutex_);
    for (auto it = rows_.rbegin(); it != rows_.rend() && it->uid > record_.claimed; ++it) out.add(it->uid);
    if (out.empty()) return out;
    const auto before = std::exchange(record_.claimed, rows_.back().uid);
    try {
      IndexBatch batch;
      put_record(batch);
      core_.index->write(batch, false);
    } catch (...) {
      record_.claimed = before;
      throw;
    }
    for (auto it = rows_.rbegin(); it != rows_.rend() && out.contains(it->uid); ++it)
      if (it->in_new) work = pending_.insert(it->uid).second || work;
  }
  if (work) core_.work_later(shared_from_this());
  return out;
}

imap::UidSet MailboxImpl::unclaimed_recent() const {
  const std::lock_guard lock(mutex_);
  imap::UidSet out;
  for (auto it = std::ranges::upper_bound(rows_, record_.claimed, {}, &Row::uid); it != rows_.end(); ++it)
    out.add(it->uid);
  return out;
}

bool MailboxImpl::is_told() const {
  const std::lock_guard lock(mutex_);
  return dirty_ || events_.any() || !touched_.empty();
}

Subscription MailboxImpl::subscribe(std::function<void()> f) { return feed_.subscribe(std::move(f)); }

// The watches are of the directories themselves, wherever they lie.
void MailboxImpl::renamed(imap::MailboxName name, std::filesystem::path directory) {
  name_ = std::move(name);
  directory_ = std::move(directory);
}

bool MailboxImpl::is_displaced() const {
  const std::lock_guard lock(mutex_);
  struct stat status{};
  if (::stat((directory_ / "cur").c_str(), &status) < 0) return errno == ENOENT || errno == ENOTDIR;
  const std::pair<std::uint64_t, std::uint64_t> place{status.st_dev, status.st_ino};
  if (place == place_) return false;
  try {  // a copy that was put back is the same mailbox
    const auto file = MailboxFile::read(directory_);
    if (!file || file->id != id_) return true;
  } catch (const std::runtime_error&) {  // whatever it is: not known to be another
    return false;
  }
  place_ = place;
  return false;
}

void MailboxImpl::mark_deleted() {
  if (deleted_.exchange(true)) return;
  {
    const std::lock_guard lock(mutex_);
    watches_.clear();
    IndexBatch batch;
    batch.erase(keys::mailbox(id_));
    const auto doomed = keys::doomed_prefix(id_);
    batch.erase_range(doomed, keys::end_of(doomed));
    erase_rows(batch);
    rows_.clear();
    pending_.clear();
    doomed_.clear();
    doomed_bases_.clear();
    try {
      core_.index->write(batch, false);
    } catch (const std::system_error&) {
      // Records of a mailbox that nobody finds any more: its id is never given again.
    }
  }
  feed_.publish();
}

void MailboxImpl::start_watching() {
  if (!core_.watch) return;
  const std::lock_guard lock(mutex_);
  for (const char* part : {"cur/", "new/"}) {
    auto token =
        core_.watch->add(directory_ / part, [weak = weak_from_this(), part](std::string_view name, Watch::What what) {
          if (const auto self = weak.lock()) self->events_.add(part, name, what);
        });
    if (token) watches_.push_back(std::move(token));
  }
  watched_ = is_watched();
}

}  // namespace store
