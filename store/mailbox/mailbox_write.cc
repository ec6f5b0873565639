// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How a mailbox changes: append, flags, expunge.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "proto/base/clock.h"
#include "proto/mail/digest.h"
#include "store/mailbox/content_links.h"
#include "store/mailbox/mailbox_impl.h"
#include "store/mailbox/staged.h"
#include "store/maildir/mailbox_file.h"

namespace store {

namespace {

constexpr std::size_t kManyFiles = 8;  // from here on one syncfs is cheaper than a fdatasync for each

void sync_files(const std::vector<WrittenFile>& files) {
  if (files.size() < kManyFiles) {
    for (const auto& file : files) base::sync_data(file.file.get());
    return;
  }
  if (::syncfs(files.front().file.get()) < 0) throw std::system_error(errno, std::generic_category(), "syncfs");
}

}  // namespace

base::Result<std::vector<imap::Uid>> MailboxImpl::append(std::span<NewMessage> messages, const AtCommit& at_commit) {
  if (messages.empty()) return std::vector<imap::Uid>{};
  Staged staged;
  std::vector<imap::Uid> uids;
  try {
    std::filesystem::path directory;
    {
      const std::lock_guard lock(mutex_);
      if (auto alive = check_alive(); !alive) return std::unexpected(alive.error());
      imap::FlagSet flags;
      for (const auto& message : messages) flags.add(message.flags);
      if (auto room = check_room_for(flags); !room) return std::unexpected(room.error());
      directory = directory_;
    }
    std::vector<WrittenFile> files;
    std::vector<Contents::Use> contents;
    std::vector<std::string> temporaries;  // the mailbox may be renamed meanwhile
    const auto now = base::unix_now();
    mail::Sha256 digest;
    for (const auto& message : messages) {
      temporaries.push_back("tmp/" + base::unique_name());
      staged.add(directory / temporaries.back());
      files.push_back(write_message(directory / temporaries.back(), message.data,
                                    [&](std::string_view piece) { digest.add(piece); }));
      contents.push_back(core_.contents->use({digest.finish(), files.back().wire_size}));
      base::set_modification_time(files.back().file.get(), message.internal_date.value_or(now));
    }
    if (core_.options.sync_to_disk) sync_files(files);

    const std::lock_guard lock(mutex_);
    if (auto alive = check_alive(); !alive) {
      staged.remove_all();
      return std::unexpected(alive.error());
    }
    reserve_uids(messages.size());
    const auto modseq = record_.highest_modseq.next();
    std::vector<Row> rows;
    std::string extra;
    bool to_cur = false, to_new = false;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      Row row;
      row.uid = imap::Uid(record_.uid_next.value + static_cast<std::uint32_t>(i));
      row.modseq = modseq;
      row.system_flags = messages[i].flags.system_bits();
      row.keywords = keywords_.intern(messages[i].flags.keywords());
      row.internal_date = messages[i].internal_date.value_or(now);
      row.wire_size = files[i].wire_size;
      row.in_new = row.system_flags == 0 && row.keywords == 0;
      auto name = make_base(files[i].file_size, files[i].wire_size, row.uid);
      if (!row.in_new) name += format_info(row.system_flags, keywords_.letters(row.keywords), {});
      row.name = name;
      if (const auto beyond = keywords_.beyond_letters(row.keywords); !beyond.empty())
        extra += keywords_line(row.uid, beyond);
      (row.in_new ? to_new : to_cur) = true;
      rows.push_back(std::move(row));
    }
    save_letters();
    if (!extra.empty()) append_to_mailbox_file(directory_, extra);
    intend(rows);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      base::rename_file(directory_ / temporaries[i], directory_ / path_of(rows[i]));
      staged.add(directory_ / path_of(rows[i]));
    }
    if (core_.options.sync_to_disk) {
      if (to_cur) base::sync_directory(directory_ / "cur");
      if (to_new) base::sync_directory(directory_ / "new");
    }
    const auto before = record_;
    record_.highest_modseq = modseq;
    record_.uid_next = rows.back().uid.next();
    IndexBatch batch;
    for (const auto& row : rows) {
      put_row(batch, row);
      batch.erase(keys::doomed(id_, row.uid));
      uids.push_back(row.uid);
    }
    for (std::size_t i = 0; i < rows.size(); ++i)
      put_content(batch, rows[i].uid, contents[i], stamp_of(files[i].file.get()));
    try {
      finish(batch, at_commit, uids);
    } catch (...) {
      record_ = before;
      throw;
    }
    std::ranges::move(rows, std::back_inserter(rows_));
  } catch (const std::system_error& error) {
    staged.remove_all();
    return std::unexpected(refusal_of(error));
  } catch (const Corruption& error) {
    staged.remove_all();
    return std::unexpected(refusal_of(error));
  }
  changed();
  return uids;
}

base::Result<FlagsChanged> MailboxImpl::change_flags(const imap::UidSet& uids, imap::FlagChange change,
                                                     const imap::FlagSet& flags,
                                                     std::optional<imap::ModSeq> unchanged_since,
                                                     const AtCommit& at_commit) {
  FlagsChanged out;
  bool work = false;
  try {
    const std::lock_guard lock(mutex_);
    if (auto alive = check_alive(); !alive) return std::unexpected(alive.error());
    if (change != imap::FlagChange::Remove)
      if (auto room = check_room_for(flags); !room) return std::unexpected(room.error());
    out.modseq = record_.highest_modseq;
    imap::FlagSet keywords = flags;
    keywords.set_system_bits(0);
    std::map<Keywords::Set, Keywords::Set> became;  // few distinct sets among many messages
    const auto new_set = [&](Keywords::Set old) {
      const auto [it, is_new] = became.try_emplace(old, 0);
      if (is_new) {
        imap::FlagSet set;
        if (change != imap::FlagChange::Replace) keywords_.add_to(set, old);
        change == imap::FlagChange::Remove ? set.remove(keywords) : set.add(keywords);
        it->second = keywords_.intern(set.keywords());
      }
      return it->second;
    };
    std::vector<std::size_t> positions;
    std::vector<Row> changed_rows;
    std::string extra;
    const auto modseq = record_.highest_modseq.next();
    imap::UidSet found;
    for_each_row(uids, [&](const Row& row) {
      found.add(row.uid);
      if (unchanged_since && row.modseq > *unchanged_since) {
        out.modified.add(row.uid);
        return;
      }
      Row after = row;
      const auto bits = flags.system_bits();
      if (change == imap::FlagChange::Replace)
        after.system_flags = bits;
      else if (change == imap::FlagChange::Add)
        after.system_flags |= bits;
      else
        after.system_flags &= static_cast<std::uint8_t>(~bits);
      after.keywords = new_set(row.keywords);
      if (after.system_flags != row.system_flags || after.keywords != row.keywords) {
        after.modseq = modseq;
        out.touched.add(row.uid);
        const auto beyond = keywords_.beyond_letters(after.keywords);
        if (!beyond.empty() || !keywords_.beyond_letters(row.keywords).empty()) extra += keywords_line(row.uid, beyond);
        positions.push_back(static_cast<std::size_t>(&row - rows_.data()));
        changed_rows.push_back(after);
      }
      out.changed.push_back(message_of(after));
    });
    out.missing = uids.minus(found);
    if (changed_rows.empty() && !at_commit) return out;
    save_letters();
    if (!extra.empty()) append_to_mailbox_file(directory_, extra);
    IndexBatch batch;
    for (const auto& row : changed_rows) put_row(batch, row);
    const auto before = record_;
    if (!changed_rows.empty()) record_.highest_modseq = out.modseq = modseq;
    std::vector<imap::Uid> touched;
    out.touched.for_each([&](imap::Uid uid) { touched.push_back(uid); });
    try {
      finish(batch, at_commit, touched);
    } catch (...) {
      record_ = before;
      throw;
    }
    for (std::size_t i = 0; i < positions.size(); ++i) {
      auto& row = rows_[positions[i]] = std::move(changed_rows[i]);
      if (is_pending(row)) work = pending_.insert(pending_.end(), row.uid) != pending_.end() || work;
    }
  } catch (const std::system_error& error) {
    return std::unexpected(refusal_of(error));
  } catch (const Corruption& error) {
    return std::unexpected(refusal_of(error));
  }
  if (!out.touched.empty()) changed();
  if (work) core_.work_later(shared_from_this());
  return out;
}

base::Result<imap::UidSet> MailboxImpl::expunge(const std::optional<imap::UidSet>& uids, const AtCommit& at_commit) {
  return remove_where(
      [&](const Row& row) {
        return (row.system_flags & static_cast<std::uint8_t>(imap::Flag::Deleted)) &&
               (!uids || uids->contains(row.uid));
      },
      at_commit);
}

base::Result<imap::UidSet> MailboxImpl::remove(const imap::UidSet& uids, const AtCommit& at_commit) {
  return remove_where([&](const Row& row) { return uids.contains(row.uid); }, at_commit);
}

base::Result<imap::UidSet> MailboxImpl::remove_where(const std::function<bool(const Row&)>& condition,
                                                     const AtCommit& at_commit) {
  imap::UidSet out;
  try {
    const std::lock_guard lock(mutex_);
    if (auto alive = check_alive(); !alive) return std::unexpected(alive.error());
    for (const auto& row : rows_)
      if (condition(row)) out.add(row.uid);
    if (out.empty() && !at_commit) return out;
    const auto before = record_;
    const auto gone_before = gone_.size();
    const auto doomed_before = doomed_.size();
    IndexBatch batch;
    std::vector<imap::Uid> removed;
    if (!out.empty()) {
      const auto modseq = next_modseq();
      for (auto it = rows_.begin(); it != rows_.end(); ++it) {
        if (!out.contains(it->uid)) continue;
        removed.push_back(it->uid);
        batch.put(keys::doomed(id_, it->uid), path_of(*it));
        doom(it->uid, path_of(*it));
        log_expunge(batch, it->uid, modseq);
      }
      erase_messages(batch, out);
    }
    try {
      finish(batch, at_commit, removed);
    } catch (...) {
      record_ = before;
      gone_.resize(gone_before);
      undoom_bases(doomed_before, doomed_.size());
      doomed_.resize(doomed_before);
      throw;
    }
    std::erase_if(rows_, [&](const Row& row) { return out.contains(row.uid); });
    trim_log();
  } catch (const std::system_error& error) {
    return std::unexpected(refusal_of(error));
  } catch (const Corruption& error) {
    return std::unexpected(refusal_of(error));
  }
  if (!out.empty()) {
    changed();
    core_.work_later(shared_from_this());
  }
  return out;
}

}  // namespace store
