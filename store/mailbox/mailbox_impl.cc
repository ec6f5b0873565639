// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mailbox/mailbox_impl.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "proto/base/clock.h"
#include "store/maildir/dovecot_files.h"
#include "store/maildir/mailbox_file.h"

namespace store {

namespace {

constexpr std::uint32_t kReserve = 1000;    // UIDs that one line of the text file reserves
constexpr std::size_t kLogLimit = 200'000;  // expunges remembered, at most; half of them are dropped then
constexpr std::uint32_t kManyUids = 32;     // from here on neighbours are erased as one range

}  // namespace

MailboxImpl::MailboxImpl(StoreCore& core, imap::MailboxName name, std::filesystem::path directory)
    : core_(core), name_(std::move(name)), directory_(std::move(directory)) {}

void MailboxImpl::erase_rows(IndexBatch& batch) const {
  for (const auto& prefix : {keys::row_prefix(id_), keys::gone_prefix(id_), keys::content_link_prefix(id_)})
    batch.erase_range(prefix, keys::end_of(prefix));
  batch.put(keys::sweep_wanted(), "");
  core_.contents->will_unlink(rows_.size());
}

void MailboxImpl::save_letters() {
  auto letters = keywords_.names();
  if (letters.size() > 26) letters.resize(26);
  if (letters == letters_saved_) return;
  write_keyword_letters(directory_, letters);
  letters_saved_ = std::move(letters);
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
  if (row.wire_size != 0) out.size = row.wire_size;
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
  } catch (const Corruption&) {
    // Said already. What was committed before stays so: its files must not be taken back.
  }
}

void MailboxImpl::put_content(IndexBatch& batch, imap::Uid uid, const Contents::Use& content,
                              const keys::FileStamp& file) const {
  content.put(batch);
  batch.put(keys::content_link(id_, uid), keys::encode(keys::ContentLink{content.number(), file}));
}

// The contents stay until they are swept: others may have them too.
void MailboxImpl::erase_content(IndexBatch& batch, imap::Uid uid) const {
  batch.erase(keys::content_link(id_, uid));
  batch.put(keys::sweep_wanted(), "");
  core_.contents->will_unlink(1);
}

void MailboxImpl::erase_messages(IndexBatch& batch, const imap::UidSet& uids) const {
  for (const auto& range : uids.ranges()) {
    if (range.last - range.first < kManyUids) {
      for (auto uid = range.first; uid <= range.last; ++uid) {
        batch.erase(keys::row(id_, imap::Uid(uid)));
        batch.erase(keys::content_link(id_, imap::Uid(uid)));
      }
      continue;
    }
    const imap::Uid first(range.first), end(range.last + 1);
    batch.erase_range(keys::row(id_, first), keys::row(id_, end));
    batch.erase_range(keys::content_link(id_, first), keys::content_link(id_, end));
  }
  batch.put(keys::sweep_wanted(), "");
  core_.contents->will_unlink(uids.size());
}

void MailboxImpl::log_expunge(IndexBatch& batch, imap::Uid uid, imap::ModSeq modseq) {
  batch.put(keys::gone(id_, modseq, uid), "");
  gone_.emplace_back(modseq, uid);
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

base::Result<void> MailboxImpl::check_room_for(const imap::FlagSet& flags) const {
  if (keywords_.has_room_for(flags.keywords(), kMostKeywords)) return {};
  return base::refuse(base::Reason::Limit,
                      "a mailbox has at most " + std::to_string(kMostKeywords) + " keywords; use those that it has");
}

imap::MailboxName MailboxImpl::name() const {
  const std::lock_guard lock(mutex_);
  return name_;
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

std::optional<MailboxImpl::Place> MailboxImpl::place_of(const std::filesystem::path& directory) {
  struct stat status{};
  if (::stat((directory / "cur").c_str(), &status) < 0) return std::nullopt;
  return Place{status.st_dev, status.st_ino};
}

bool MailboxImpl::is_displaced() const {
  const std::lock_guard lock(mutex_);
  const auto place = place_of(directory_);
  if (!place) return errno == ENOENT || errno == ENOTDIR;
  if (*place == place_) return false;
  try {  // a copy that was put back is the same mailbox
    const auto file = MailboxFile::read(directory_, MailboxFile::without_uids);
    if (!file || file->id != id_) return true;
  } catch (const std::runtime_error&) {  // whatever it is: not known to be another
    return false;
  }
  place_ = *place;
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

void MailboxImpl::stop_watching() {
  const std::lock_guard lock(mutex_);
  watched_ = false;
  watches_.clear();
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
