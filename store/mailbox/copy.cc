// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// COPY and MOVE.
//
// 1. Each file gets a second name in the destination (a hard link; a copy of its octets where there can be none).
// 2. The destination's directories are synced.
// 3. One batch makes the new rows, and for a move takes the old ones out and dooms their files.
// 4. The worker unlinks those.
// The new files are doomed until 3, so that a crash before it undoes them; the source is whole until 3. A file that
// somebody else has removed meanwhile makes a copy fail, as it must be whole, and is left out of a move.
#include <algorithm>
#include <cerrno>
#include <set>

#include "store/mailbox/mailbox_impl.h"
#include "store/mailbox/staged.h"
#include "store/maildir/mailbox_file.h"

namespace store {

namespace {

// Another file system, no links in this one, not our file, or the file has as many names as it can.
bool wants_copy(int error) {
  return error == EXDEV || error == EPERM || error == EMLINK || error == EOPNOTSUPP || error == ENOSYS ||
         error == EACCES;
}

void copy_octets(int from, int to) {
  std::string buffer(256 * 1024, 0);
  for (std::uint64_t at = 0;;) {
    const auto n = base::read_some_at(from, at, buffer);
    if (n == 0) return;
    base::write_all(to, std::string_view(buffer).substr(0, n));
    at += n;
  }
}

}  // namespace

// What a transfer works on: messages here and what they become there. Both mailboxes are locked.
struct MailboxImpl::Transfer {
  MailboxImpl& to;
  bool move;
  std::vector<Row> sources, rows;
  imap::ModSeq modseq;
  Staged staged;
};

base::Result<Copied> MailboxImpl::copy_to(const imap::UidSet& uids, Mailbox& to, const AtCommit& at_commit) {
  return transfer(uids, dynamic_cast<MailboxImpl&>(to), false, at_commit);
}

base::Result<Copied> MailboxImpl::move_to(const imap::UidSet& uids, Mailbox& to, const AtCommit& at_commit) {
  return transfer(uids, dynamic_cast<MailboxImpl&>(to), true, at_commit);
}

// False: the file is gone. Its name may be changing behind us: it is one of those that it can have.
bool MailboxImpl::duplicate(const Row& source, const Row& row, Transfer& transfer) const {
  const auto target = transfer.to.directory_ / transfer.to.path_of(row);
  transfer.staged.add(target);
  for (const auto& path : paths_of(source)) {
    try {
      base::link_file(directory_ / path, target);
      return true;
    } catch (const std::system_error& error) {
      if (error.code().value() == ENOENT) continue;
      if (!wants_copy(error.code().value())) throw;
    }
    const auto from = base::open_read_if_exists(directory_ / path);
    if (!from) continue;
    const auto temporary = transfer.to.directory_ / "tmp" / base::unique_name();
    transfer.staged.add(temporary);
    const auto file = base::create_new(temporary);
    copy_octets(from->get(), file.get());
    base::set_modification_time(file.get(), row.internal_date);
    if (core_.options.sync_to_disk) base::sync_data(file.get());
    base::rename_file(temporary, target);
    return true;
  }
  return false;
}

Row MailboxImpl::row_like(const Row& source, imap::Uid uid, const Transfer& transfer) const {
  auto& to = transfer.to;
  Row row = source;
  row.uid = uid;
  row.modseq = transfer.modseq;
  imap::FlagSet flags;
  keywords_.add_to(flags, source.keywords);
  row.keywords = to.keywords_.intern(flags.keywords());
  row.in_new = row.system_flags == 0 && row.keywords == 0;
  const auto name = parse_maildir_name(source.name);
  auto text = base_like(name, uid);
  if (!row.in_new) text += format_info(row.system_flags, to.keywords_.letters(row.keywords), name.unknown_letters);
  row.name = text;
  return row;
}

// Steps 1 and 2. False: something is gone, and this is no move.
bool MailboxImpl::make_files(Transfer& transfer) const {
  auto& to = transfer.to;
  to.reserve_uids(transfer.sources.size());
  transfer.modseq = to.record_.highest_modseq.next();
  std::string extra;
  for (const auto& source : transfer.sources) {
    const imap::Uid uid(to.record_.uid_next.value + static_cast<std::uint32_t>(transfer.rows.size()));
    transfer.rows.push_back(row_like(source, uid, transfer));
    if (const auto beyond = to.keywords_.beyond_letters(transfer.rows.back().keywords); !beyond.empty())
      extra += keywords_line(uid, beyond);
  }
  to.save_letters();
  if (!extra.empty()) append_to_mailbox_file(to.directory_, extra);
  to.intend(transfer.rows);
  bool to_cur = false, to_new = false;
  std::vector<Row> sources, rows;
  for (std::size_t i = 0; i < transfer.rows.size(); ++i) {
    auto& row = transfer.rows[i];
    if (!duplicate(transfer.sources[i], row, transfer)) {
      if (!transfer.move) return false;
      continue;
    }
    (row.in_new ? to_new : to_cur) = true;
    sources.push_back(std::move(transfer.sources[i]));
    rows.push_back(std::move(row));
  }
  transfer.sources = std::move(sources);
  transfer.rows = std::move(rows);
  if (core_.options.sync_to_disk) {
    if (to_cur) base::sync_directory(to.directory_ / "cur");
    if (to_new) base::sync_directory(to.directory_ / "new");
  }
  return true;
}

// A copy has its original's content, as its file is the same (where octets were copied, whoever opens the file sees
// that it is another, and reads it). Nobody can sweep the content meanwhile: the original is locked.
void MailboxImpl::copy_contents(IndexBatch& batch, const Transfer& transfer) const {
  if (!core_.contents->are_usable()) return;
  const auto links = core_.index->cursor(Table::Rows);
  for (std::size_t i = 0; i < transfer.rows.size(); ++i)
    if (const auto link = links->find(keys::content_link(id_, transfer.sources[i].uid)))
      batch.put(keys::content_link(transfer.to.id_, transfer.rows[i].uid), *link);
}

// Step 3.
void MailboxImpl::commit(Transfer& transfer, const AtCommit& at_commit) {
  auto& to = transfer.to;
  const bool same = this == &to;
  const auto before_to = to.record_, before_here = record_;
  const auto gone_before = gone_.size(), doomed_before = doomed_.size();
  to.record_.highest_modseq = transfer.modseq;
  to.record_.uid_next = transfer.rows.back().uid.next();
  IndexBatch batch;
  std::vector<imap::Uid> uids;
  for (const auto& row : transfer.rows) {
    to.put_row(batch, row);
    batch.erase(keys::doomed(to.id_, row.uid));
    uids.push_back(row.uid);
  }
  copy_contents(batch, transfer);
  imap::UidSet moved;
  if (transfer.move) {
    const auto gone = same ? transfer.modseq : next_modseq();
    for (const auto& source : transfer.sources) {
      moved.add(source.uid);
      log_expunge(batch, source.uid, gone);
      batch.put(keys::doomed(id_, source.uid), path_of(source));
      doom(source.uid, path_of(source));
    }
    erase_messages(batch, moved);
    if (!same) put_record(batch);
  }
  try {
    to.finish(batch, at_commit, uids);
  } catch (...) {
    to.record_ = before_to;
    record_ = before_here;
    gone_.resize(gone_before);
    undoom_bases(doomed_before, doomed_.size());
    doomed_.resize(doomed_before);
    throw;
  }
  if (transfer.move) std::erase_if(rows_, [&](const Row& row) { return moved.contains(row.uid); });
  std::ranges::move(transfer.rows, std::back_inserter(to.rows_));
  trim_log();
}

base::Result<Copied> MailboxImpl::transfer(const imap::UidSet& uids, MailboxImpl& to, bool move,
                                           const AtCommit& at_commit) {
  Copied out;
  Transfer transfer{to, move, {}, {}, {}, {}};
  bool missing = false;
  try {
    std::unique_lock here(mutex_, std::defer_lock);
    std::unique_lock there(to.mutex_, std::defer_lock);
    if (this == &to)
      here.lock();
    else
      std::lock(here, there);
    for (auto* mailbox : {this, &to})
      if (auto alive = mailbox->check_alive(); !alive) return std::unexpected(alive.error());
    imap::FlagSet keywords;
    std::set<Keywords::Set> sets;
    for_each_row(uids, [&](const Row& row) {
      transfer.sources.push_back(row);
      if (sets.insert(row.keywords).second) keywords_.add_to(keywords, row.keywords);
    });
    if (auto room = to.check_room_for(keywords); !room) return std::unexpected(room.error());
    if (!move && transfer.sources.size() < uids.size())
      return base::refuse(base::Reason::Expunged, "some of the messages are gone");
    out.uid_validity = to.record_.uid_validity;
    if (transfer.sources.empty()) return out;
    const auto wanted = transfer.sources.size();
    const bool whole = make_files(transfer);
    missing = transfer.sources.size() < wanted || !whole;
    if (missing) dirty_ = true;
    if (!whole) {
      transfer.staged.remove_all();
    } else if (!transfer.rows.empty()) {
      for (std::size_t i = 0; i < transfer.rows.size(); ++i) {
        out.from.push_back(transfer.sources[i].uid);
        out.to.push_back(transfer.rows[i].uid);
      }
      commit(transfer, at_commit);
    }
  } catch (const std::system_error& error) {
    transfer.staged.remove_all();
    return std::unexpected(refusal_of(error));
  } catch (const Corruption& error) {
    transfer.staged.remove_all();
    return std::unexpected(refusal_of(error));
  }
  if (missing) core_.work_later(shared_from_this());
  if (missing && !move) return base::refuse(base::Reason::Expunged, "some of the messages are gone");
  if (out.to.empty()) return out;
  to.changed();
  if (move) {
    if (this != &to) changed();
    core_.work_later(shared_from_this());
  }
  return out;
}

}  // namespace store
