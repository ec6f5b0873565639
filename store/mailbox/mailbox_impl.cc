// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mailbox/mailbox_impl.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "proto/base/clock.h"
#include "store/mailbox/refusal.h"
#include "store/maildir/dovecot_files.h"
#include "store/maildir/mailbox_file.h"

namespace store {

MailboxImpl::MailboxImpl(StoreCore& core, imap::MailboxName name, std::filesystem::path directory)
    : core_(core), state_(core, std::move(name), std::move(directory)) {}

void MailboxImpl::erase_rows(IndexBatch& batch) const {
  const auto& id = state_.id;
  for (const auto& prefix : {keys::row_prefix(id), keys::gone_prefix(id), keys::content_link_prefix(id)})
    batch.erase_range(prefix, keys::end_of(prefix));
  erase_ranks(batch);
  batch.put(keys::sweep_wanted(), "");
  core_.contents->will_unlink(table().rows().size());
}

void MailboxImpl::erase_ranks(IndexBatch& batch) const {
  const auto prefix = keys::rank_column_prefix(state_.id);
  batch.erase_range(prefix, keys::end_of(prefix), Table::Content);
}

void MailboxImpl::write_record() {
  Change change(state_);
  change.commit({}, {}, false);
}

void MailboxImpl::changed() {
  feed_.publish();
  StoreEvent event;
  event.mailbox = name();
  core_.feed.publish(event);
}

base::Result<void> MailboxImpl::check_alive() const {
  if (state_.deleted) return base::refuse(base::Reason::NoSuchMailbox, "the mailbox was deleted");
  return {};
}

base::Result<void> MailboxImpl::check_room_for(const imap::FlagSet& flags, const MessageTable& table) {
  if (table.keywords().has_room_for(flags.keywords(), kMostKeywords)) return {};
  return base::refuse(base::Reason::Limit,
                      "a mailbox has at most " + std::to_string(kMostKeywords) + " keywords; use those that it has");
}

imap::MailboxName MailboxImpl::name() const {
  const base::MutexLock lock(state_.table_mutex);
  return state_.shared().name;
}

void MailboxImpl::remark(const imap::UidSet& uids, const imap::UidSet& there, const std::string& by,
                         const std::string& text) {
  LedgerEntry entry;
  entry.what = LedgerEntry::What::Remark;
  entry.when = base::unix_now();
  entry.mailbox_id = state_.id;
  entry.mailbox = name().utf8();
  entry.uids = uids;
  entry.from = there;
  entry.by = by;
  entry.text = text;
  core_.ledger->note({&entry, 1});
}

Subscription MailboxImpl::subscribe(std::function<void()> f) { return feed_.subscribe(std::move(f)); }

// The watches are of the directories themselves, wherever they lie.
void MailboxImpl::renamed(imap::MailboxName name, std::filesystem::path directory) {
  state_.change_mutex.assert_held();
  state_.move(std::move(name), std::move(directory));
}

std::optional<MailboxImpl::Place> MailboxImpl::place_of(const std::filesystem::path& directory) {
  struct stat status{};
  if (::stat((directory / "cur").c_str(), &status) < 0) return std::nullopt;
  return Place{status.st_dev, status.st_ino};
}

bool MailboxImpl::is_displaced() const {
  std::filesystem::path directory;
  Place known;
  {
    const base::MutexLock lock(state_.table_mutex);
    directory = state_.shared().directory;
    known = place_;
  }
  if (place_of(directory) == known) return false;
  // Or it is just being renamed: who does that holds change_mutex.
  const ChangeLock lock(state_.change_mutex);
  const auto place = place_of(state_.directory());
  if (!place) return errno == ENOENT || errno == ENOTDIR;
  {
    const base::MutexLock table(state_.table_mutex);
    if (*place == place_) return false;
  }
  try {  // a copy that was put back is the same mailbox
    const auto file = MailboxFile::read(state_.directory(), MailboxFile::without_uids);
    if (!file || file->id != state_.id) return true;
  } catch (const std::runtime_error&) {  // whatever it is: not known to be another
    return false;
  }
  const base::MutexLock table(state_.table_mutex);
  place_ = *place;
  return false;
}

// What the exception means to whoever asked for the change; one that is no refusal goes on. What a failed change could
// not take back is left to the worker.
std::unexpected<base::Refusal> MailboxImpl::failed() {
  base::Refusal refusal;
  try {
    throw;
  } catch (const std::system_error& error) {
    refusal = refusal_of(error);
  } catch (const Corruption& error) {
    refusal = refusal_of(error);
  }
  core_.work_later(shared_from_this());
  return std::unexpected(std::move(refusal));
}

void MailboxImpl::mark_deleted() {
  if (state_.deleted.exchange(true)) return;
  {
    const ChangeLock lock(state_.change_mutex);
    watches_.clear();
    IndexBatch batch;
    batch.erase(keys::mailbox(state_.id));
    const auto doomed = keys::doomed_prefix(state_.id);
    batch.erase_range(doomed, keys::end_of(doomed));
    erase_rows(batch);
    state_.write([](MessageTable& table) { table.clear(); });
    state_.pending = {};
    state_.doomed.clear();
    try {
      core_.index->write(batch, false);
    } catch (const std::system_error&) {
      // Records of a mailbox that nobody finds any more: its id is never given again.
    }
  }
  feed_.publish();
}

void MailboxImpl::stop_watching() {
  const ChangeLock lock(state_.change_mutex);
  watched_ = false;
  watches_.clear();
}

void MailboxImpl::start_watching() {
  if (!core_.watch) return;
  const ChangeLock lock(state_.change_mutex);
  for (const char* part : {"cur/", "new/"}) {
    auto token = core_.watch->add(state_.directory() / part,
                                  [weak = weak_from_this(), part](std::string_view name, Watch::What what) {
                                    if (name.starts_with('.'))
                                      return;  // rsync and editors write such; no message, as for readings
                                    if (const auto self = weak.lock()) self->events_.add(part, name, what);
                                  });
    if (token) watches_.push_back(std::move(token));
  }
  watched_ = is_watched();
}

}  // namespace store
