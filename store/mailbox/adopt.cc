// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What becomes of files that others brought, renamed or wrote to.
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "store/mailbox/mailbox_impl.h"
#include "store/maildir/mailbox_file.h"

namespace store {

namespace {

constexpr imap::Uid kHighestAdopted{0xF0000000u};  // leaves room above for new mail

std::vector<std::uint32_t> numbers_of(std::uint32_t letters) {
  std::vector<std::uint32_t> out;
  for (std::uint32_t i = 0; i < 26; ++i)
    if (letters & (1u << i)) out.push_back(i);
  return out;
}

}  // namespace

// Letters that we have no name for: another program may have named them meanwhile.
void MailboxImpl::name_letters(std::uint32_t letters) {
  bool looked = false;
  for (std::uint32_t i = 0; i < 26; ++i) {
    if (!(letters & (1u << i)) || keywords_.knows_letter(i)) continue;
    if (!std::exchange(looked, true)) load_letters();
    keywords_.invent_letter(i);
  }
}

// Another flag in a name is a change by somebody else, unless our own rename is still to come: then the index wins.
void MailboxImpl::follow(Findings& findings, Row& row, const FoundFile& file) {
  const auto name = parse_maildir_name(file.name);
  const bool ours_comes = pending_.contains(row.uid) || renaming_.contains(row.uid.value) || is_pending(row);
  auto numbers = numbers_of(name.keyword_letters);
  for (const auto number : keywords_.numbers(row.keywords))
    if (number >= 26) numbers.push_back(number);
  name_letters(name.keyword_letters);
  const auto keywords = keywords_.intern(std::move(numbers));
  row.name = file.name;
  row.in_new = file.in_new;
  if (ours_comes) {
    pending_.insert(row.uid);
  } else if (row.system_flags != name.system_flags || row.keywords != keywords) {
    row.system_flags = name.system_flags;
    row.keywords = keywords;
    row.modseq = findings.modseq;
    findings.any = true;
  }
  put_row(findings.batch, row);
}

void MailboxImpl::lose(Findings& findings, const imap::UidSet& lost) {
  if (lost.empty()) return;
  lost.for_each([&](imap::Uid uid) { log_expunge(findings.batch, uid, findings.modseq); });
  erase_messages(findings.batch, lost);
  std::erase_if(rows_, [&](const Row& row) { return lost.contains(row.uid); });
  findings.any = true;
}

Row MailboxImpl::row_of(const Arrival& arrival, imap::ModSeq modseq) {
  Row row;
  row.modseq = modseq;
  row.name = arrival.file->name;
  row.in_new = arrival.file->in_new;
  row.internal_date = arrival.internal_date;
  row.wire_size = arrival.wire_size;
  row.system_flags = arrival.name.system_flags;
  name_letters(arrival.name.keyword_letters);
  return row;
}

// A new file's UID is that of the text file, or that in its name where this can be true, or the next. What names do not
// say is recorded before the index is written.
void MailboxImpl::adopt(Findings& findings, const std::vector<FoundFile>& files, bool rebuilding) {
  if (files.empty()) return;
  auto arrivals = read_arrivals(directory_, files);
  if (arrivals.size() < files.size()) note_twins(arrivals, files);
  leave_out_closed(arrivals);
  if (arrivals.empty()) return;
  // No UID that was ever given may be given again.
  const auto least = rebuilding ? imap::Uid(1) : record_.uid_next;
  // Where UIDs were reserved, none beyond them was ever given; a name must not be able to use up the rest.
  const auto limit = rebuilding && reserved_ == imap::Uid(1) ? kHighestAdopted : reserved_;
  std::vector<Row> rows;
  rows.reserve(arrivals.size());
  std::vector<std::size_t> without;  // of rows: those that get the next UIDs
  std::unordered_set<std::uint32_t> taken;
  for (const auto& arrival : arrivals) {
    auto row = row_of(arrival, findings.modseq);
    auto numbers = numbers_of(arrival.name.keyword_letters);
    const auto known = recorded_uid(arrival.name.base);
    const auto uid = known ? known : arrival.name.uid;
    if (uid && *uid >= least && (known || *uid < limit) && taken.insert(uid->value).second) {
      row.uid = *uid;
      if (const auto more = more_keywords_.find(uid->value); more != more_keywords_.end())
        for (const auto& keyword : more->second) numbers.push_back(keywords_.number_of(keyword));
      if (row.uid >= record_.uid_next) record_.uid_next = row.uid.next();
    } else {
      without.push_back(rows.size());
    }
    if (!numbers.empty()) row.keywords = keywords_.intern(std::move(numbers));
    rows.push_back(std::move(row));
  }
  give_uids(rows, without, rebuilding);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (arrivals[i].measured.may_grow) growing_.emplace(rows[i].uid, arrivals[i].measured);
    if (arrivals[i].name.uid != rows[i].uid) bases_.add(arrivals[i].name.base, rows[i].uid);
    put_row(findings.batch, rows[i]);
  }
  std::ranges::sort(rows, {}, &Row::uid);
  if (rows_.empty())
    rows_ = std::move(rows);
  else
    std::ranges::move(rows, std::back_inserter(rows_));
  if (bases_.size() > 2 * rows_.size() + 1000) index_bases();  // most of them are gone
  findings.any = true;
}

// What is not for us to read is no message until it is. The directory's times do not tell when.
void MailboxImpl::leave_out_closed(std::vector<Arrival>& arrivals) {
  std::erase_if(arrivals, [this](const Arrival& arrival) {
    if (!arrival.closed) return false;
    has_closed_ = true;
    core_.options.log.warning("a file cannot be read and is left out",
                              {{"mailbox", name_.utf8()}, {"file", arrival.file->path()}});
    return true;
  });
}

void MailboxImpl::note_twins(const std::vector<Arrival>& arrivals, const std::vector<FoundFile>& files) {
  std::unordered_map<std::string_view, const FoundFile*> by_base;
  for (const auto& arrival : arrivals) by_base.emplace(arrival.name.base, arrival.file);
  for (const auto& file : files) {
    const auto base = parse_maildir_name(file.name).base;
    const auto it = by_base.find(base);
    if (it != by_base.end() && it->second != &file) twins_[std::string(base)].insert(file.path());
  }
}

std::optional<imap::Uid> MailboxImpl::recorded_uid(std::string_view base) const {
  if (recorded_.empty()) return std::nullopt;
  const auto it = recorded_.find(std::string(base));
  return it == recorded_.end() ? std::nullopt : std::optional(it->second);
}

void MailboxImpl::give_uids(std::vector<Row>& rows, const std::vector<std::size_t>& without, bool rebuilding) {
  // Without an index only the text file knows which were given.
  if (!without.empty() && rebuilding && record_.uid_next < reserved_) record_.uid_next = reserved_;
  std::string lines;
  for (const auto i : without) {
    rows[i].uid = record_.uid_next;
    record_.uid_next = record_.uid_next.next();
    lines += uid_line(rows[i].uid, parse_maildir_name(rows[i].name).base);
  }
  if (record_.uid_next > reserved_) {
    reserved_ = imap::Uid(record_.uid_next.value + 1000);
    lines += uid_next_line(reserved_);
  }
  if (!lines.empty()) append_to_mailbox_file(directory_, lines);
}

// Of the rows whose names do not tell their UIDs.
void MailboxImpl::index_bases() {
  bases_.clear();
  for (const auto& row : rows_)
    if (const auto name = parse_maildir_name(row.name); name.uid != row.uid) bases_.add(name.base, row.uid);
}

// Files that were young when they were measured: a program that writes into cur/ or new/ itself may not have been done.
bool MailboxImpl::measure_again() {
  Findings findings;
  bool changed = false;
  for (auto it = growing_.begin(); it != growing_.end();) {
    auto& [uid, measured] = *it;
    const auto row = find(uid);
    struct stat status{};
    const bool is_there = row != rows_.end() && ::stat((directory_ / path_of(*row)).c_str(), &status) == 0;
    const bool same = is_there && static_cast<std::uint64_t>(status.st_size) == measured.size &&
                      changed_at(status) == measured.changed;
    const auto now = is_there && !same ? read_arrivals(directory_, {{std::string(row->name), row->in_new, false}})
                                       : std::vector<Arrival>();
    if (!now.empty() && !now.front().closed) {
      measured = now.front().measured;
      row->wire_size = now.front().wire_size;
      row->internal_date = now.front().internal_date;
      put_row(findings.batch, *row);
      erase_content(findings.batch, row->uid);
      changed = true;
    }
    const bool still = is_there && is_young(measured.changed);
    it = still ? std::next(it) : growing_.erase(it);
  }
  if (changed) core_.index->write(findings.batch, false);
  return changed;
}

}  // namespace store
