// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mailbox/message_table.h"

#include <iterator>

#include "store/maildir/maildir.h"

namespace store {

namespace {

constexpr auto kSeen = static_cast<std::uint8_t>(imap::Flag::Seen);
constexpr auto kDeleted = static_cast<std::uint8_t>(imap::Flag::Deleted);

}  // namespace

std::vector<Row>::iterator MessageTable::position(imap::Uid uid) {
  const auto it = std::ranges::lower_bound(rows_, uid, {}, &Row::uid);
  return it != rows_.end() && it->uid == uid ? it : rows_.end();
}

const Row* MessageTable::find(imap::Uid uid) const {
  const auto it = std::ranges::lower_bound(rows_, uid, {}, &Row::uid);
  return it != rows_.end() && it->uid == uid ? &*it : nullptr;
}

const Row* MessageTable::find_by_base(std::string_view name) const {
  const auto parsed = parse_maildir_name(name);
  const auto is_it = [&](imap::Uid uid) {
    const auto* row = find(uid);
    return row != nullptr && parse_maildir_name(row->name).base == parsed.base;
  };
  if (parsed.uid && is_it(*parsed.uid)) return find(*parsed.uid);
  const auto uid = bases_.find(parsed.base, is_it);
  return uid ? find(*uid) : nullptr;
}

MailboxStatus MessageTable::status() const {
  MailboxStatus out;
  out.uid_validity = record_.uid_validity;
  out.uid_next = record_.uid_next;
  out.highest_modseq = record_.highest_modseq;
  out.messages = static_cast<std::uint32_t>(rows_.size());
  out.unseen = unseen_;
  out.deleted = deleted_;
  out.recent = static_cast<std::uint32_t>(rows_.end() - std::ranges::upper_bound(rows_, claimed(), {}, &Row::uid));
  return out;
}

Message MessageTable::message_of(const Row& row, const Keywords& keywords) {
  Message out;
  out.uid = row.uid;
  out.modseq = row.modseq;
  out.flags.set_system_bits(row.system_flags);
  if (row.keywords != 0) keywords.add_to(out.flags, row.keywords);
  out.internal_date = row.internal_date;
  if (row.wire_size != 0) out.size = row.wire_size;
  out.complete = !row.growing && !row.elsewhere;
  out.elsewhere = row.elsewhere;
  return out;
}

std::vector<Message> MessageTable::messages(const imap::UidSet& uids) const {
  std::vector<Message> out;
  for_each(uids, [&](const Row& row) { out.push_back(message_of(row, keywords_)); });
  return out;
}

Changes MessageTable::changes_since(imap::ModSeq since) const {
  Changes out;
  out.highest = record_.highest_modseq;
  if (since >= record_.highest_modseq) return out;
  for (const auto& row : rows_)
    if (row.modseq > since) out.changed.push_back(message_of(row, keywords_));
  if (since < record_.log_starts) {
    // The log does not reach back that far: all that are not here may have been.
    if (record_.uid_next.value > 1)
      out.vanished = imap::UidSet::between(imap::Uid(1), imap::Uid(record_.uid_next.value - 1));
    imap::UidSet here;
    for (const auto& row : rows_) here.add(row.uid);
    out.vanished = out.vanished.minus(here);
  }
  std::vector<Expunge> gone;
  for (auto it = expunges_.rbegin(); it != expunges_.rend() && it->modseq > since; ++it) gone.push_back(*it);
  std::ranges::sort(gone, {}, &Expunge::uid);
  for (const auto& one : gone) {
    out.vanished.add(one.uid);
    if (one.how == How::Said) out.said.add(one.uid);
  }
  return out;
}

std::optional<imap::Uid> MessageTable::first_unseen() const {
  if (unseen_ == 0) return std::nullopt;
  return std::ranges::find_if(rows_, [](const Row& row) { return !(row.system_flags & kSeen); })->uid;
}

imap::UidSet MessageTable::unclaimed() const {
  imap::UidSet out;
  for (auto it = std::ranges::upper_bound(rows_, claimed(), {}, &Row::uid); it != rows_.end(); ++it) out.add(it->uid);
  return out;
}

imap::UidSet MessageTable::claim() {
  auto out = unclaimed();
  if (!out.empty()) set_claimed(out.max());
  return out;
}

std::string MessageTable::wanted_path(const Row& row) const {
  const auto name = parse_maildir_name(row.name);
  if (wants_new(row)) return "new/" + std::string(name.base);
  return "cur/" + std::string(name.base) +
         format_info(row.system_flags, keywords_.letters(row.keywords), name.unknown_letters);
}

bool MessageTable::is_misnamed(const Row& row) const {
  if (row.elsewhere || wants_new(row)) return false;
  if (row.in_new) return true;
  const auto name = parse_maildir_name(row.name);
  return name.system_flags != row.system_flags || name.keyword_letters != keywords_.letters(row.keywords);
}

std::vector<std::string> MessageTable::paths_of(const Row& row) const {
  std::vector<std::string> out{path_of(row), wanted_path(row)};
  if (const auto* to = renamed_to(row.uid)) out.push_back(*to);
  return out;
}

const std::string* MessageTable::renamed_to(imap::Uid uid) const {
  const auto it = renaming_.find(uid.value);
  return it == renaming_.end() ? nullptr : &it->second;
}

void MessageTable::count(const Row& row, int by) {
  const auto add = static_cast<std::uint32_t>(by);
  if (!(row.system_flags & kSeen)) unseen_ += add;
  if (row.system_flags & kDeleted) deleted_ += add;
}

void MessageTable::add(std::vector<Row>& rows) {
  for (const auto& row : rows) count(row, 1);
  if (rows_.empty())
    rows_.swap(rows);
  else
    std::ranges::move(rows, std::back_inserter(rows_));
}

void MessageTable::update(std::vector<Row>& rows) {
  auto it = rows_.begin();
  for (auto& row : rows) {
    if (it == rows_.end() || it->uid != row.uid) it = position(row.uid);
    if (it == rows_.end()) continue;
    count(*it, -1);
    std::swap(*it, row);  // so that what they were is freed when the lock is not held any more
    count(*it, 1);
    ++it;
  }
}

void MessageTable::remove(const imap::UidSet& uids) {
  if (uids.empty()) return;
  auto range = uids.ranges().begin();
  const auto is_gone = [&](const Row& row) {
    while (range != uids.ranges().end() && range->last < row.uid.value) ++range;
    const bool gone = range != uids.ranges().end() && range->first <= row.uid.value;
    if (gone) count(row, -1);
    return gone;
  };
  auto to = rows_.begin();
  for (auto& row : rows_) {
    if (is_gone(row)) continue;
    if (&*to != &row) *to = std::move(row);
    ++to;
  }
  rows_.erase(to, rows_.end());
}

void MessageTable::log_expunges(const imap::UidSet& uids, imap::ModSeq modseq, How how) {
  uids.for_each([&](imap::Uid uid) { expunges_.push_back({modseq, uid, how}); });
}

void MessageTable::cut_log(std::size_t count) {
  expunges_.erase(expunges_.begin(), expunges_.begin() + static_cast<std::ptrdiff_t>(count));
}

void MessageTable::clear() {
  rows_.clear();
  expunges_.clear();
  bases_.clear();
  unseen_ = deleted_ = 0;
}

void MessageTable::index_base(const Row& row) {
  if (bases_.size() > 2 * rows_.size() + 1000) index_bases();  // most of them are gone
  if (row.elsewhere) return;
  if (const auto name = parse_maildir_name(row.name); name.uid != row.uid) bases_.add(name.base, row.uid);
}

void MessageTable::index_bases() {
  bases_.clear();
  for (const auto& row : rows_) {
    if (row.elsewhere) continue;
    if (const auto name = parse_maildir_name(row.name); name.uid != row.uid) bases_.add(name.base, row.uid);
  }
}

}  // namespace store
