// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What becomes of files that others brought, renamed or wrote to.
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "proto/base/clock.h"
#include "store/mailbox_file.h"
#include "store/mailbox_impl.h"

namespace store {

namespace {

constexpr imap::Uid kHighestAdopted{0xF0000000u};  // leaves room above for new mail
constexpr std::int64_t kStillWritten = 5;          // seconds: a file younger than this may not be complete

constexpr std::int64_t kSecond = 1'000'000'000;  // in ns

std::uint64_t time_in_name(std::string_view name) {
  std::uint64_t out = 0;
  std::from_chars(name.data(), name.data() + name.size(), out);
  return out;
}

bool came_before(const FoundFile& a, const FoundFile& b) {
  const auto x = time_in_name(a.name), y = time_in_name(b.name);
  return x != y ? x < y : a.name < b.name;
}

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
  for (auto row = rows_.begin(); row != rows_.end(); ++row)
    if (lost.contains(row->uid)) forget(findings.batch, row, findings.modseq);
  std::erase_if(rows_, [&](const Row& row) { return lost.contains(row.uid); });
  findings.any = true;
}

// What the file and its name say; the UID comes later. nullopt: it is gone again, or no file.
std::optional<Row> MailboxImpl::read_arrival(const FoundFile& file, Measured& measured) {
  const auto name = parse_maildir_name(file.name);
  const auto path = directory_ / file.path();
  struct stat status{};
  if (::stat(path.c_str(), &status) < 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  Row row;
  row.name = file.name;
  row.in_new = file.in_new;
  row.internal_date = status.st_mtim.tv_sec;
  row.system_flags = name.system_flags;
  name_letters(name.keyword_letters);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (name.wire_size && (!name.file_size || *name.file_size == size)) {
    row.wire_size = *name.wire_size;
    return row;
  }
  const auto open = base::open_read_if_exists(path);
  if (!open) return std::nullopt;
  row.wire_size = count_wire_size(open->get());
  measured.size = size;
  measured.changed = status.st_mtim.tv_sec * kSecond + status.st_mtim.tv_nsec;
  measured.may_grow = !file.whole && base::unix_now() - status.st_mtim.tv_sec < kStillWritten;
  return row;
}

// A new file's UID is that of the text file, or that in its name where this can be true, or the next. UIDs are given in
// the order of the names' times. What names do not say is recorded before the index is written.
void MailboxImpl::adopt(Findings& findings, std::vector<FoundFile> files, bool rebuilding) {
  if (files.empty()) return;
  std::ranges::sort(files, came_before);
  // No UID that was ever given may be given again.
  const auto least = rebuilding ? imap::Uid(1) : record_.uid_next;
  // Where UIDs were reserved, none beyond them was ever given; a name must not be able to use up the rest.
  const auto limit = rebuilding && reserved_ == imap::Uid(1) ? kHighestAdopted : reserved_;
  std::vector<Row> rows;
  std::vector<std::size_t> without;                       // of rows: those that get the next UIDs
  std::vector<std::pair<std::size_t, Measured>> growing;  // of rows: those to be measured again
  std::unordered_set<std::uint32_t> taken;
  std::unordered_set<std::string> bases;
  for (const auto& file : files) {
    const auto name = parse_maildir_name(file.name);
    if (!bases.emplace(name.base).second) continue;
    Measured measured;
    auto row = read_arrival(file, measured);
    if (!row) continue;
    row->modseq = findings.modseq;
    auto numbers = numbers_of(name.keyword_letters);
    const auto known = adopted_.find(std::string(name.base));
    const auto uid = known != adopted_.end() ? std::optional(known->second) : name.uid;
    if (uid && *uid >= least && (known != adopted_.end() || *uid < limit) && taken.insert(uid->value).second) {
      row->uid = *uid;
      if (const auto more = more_keywords_.find(uid->value); more != more_keywords_.end())
        for (const auto& keyword : more->second) numbers.push_back(keywords_.number_of(keyword));
    } else {
      without.push_back(rows.size());
    }
    row->keywords = keywords_.intern(std::move(numbers));
    if (measured.may_grow) growing.emplace_back(rows.size(), measured);
    rows.push_back(std::move(*row));
  }
  if (rows.empty()) return;
  for (const auto& row : rows)
    if (row.uid >= record_.uid_next) record_.uid_next = row.uid.next();
  std::string lines;
  // Without an index only the text file knows which were given.
  if (!without.empty() && rebuilding && record_.uid_next < reserved_) record_.uid_next = reserved_;
  for (const auto i : without) {
    rows[i].uid = record_.uid_next;
    record_.uid_next = record_.uid_next.next();
    const auto base = std::string(parse_maildir_name(rows[i].name).base);
    adopted_[base] = rows[i].uid;
    lines += uid_line(rows[i].uid, base);
  }
  if (record_.uid_next > reserved_) {
    reserved_ = imap::Uid(record_.uid_next.value + 1000);
    lines += uid_next_line(reserved_);
  }
  if (!lines.empty()) append_to_mailbox_file(directory_, lines);
  for (const auto& [i, measured] : growing) growing_.emplace(rows[i].uid, measured);
  for (const auto& row : rows) put_row(findings.batch, row);
  std::ranges::sort(rows, {}, &Row::uid);
  std::ranges::move(rows, std::back_inserter(rows_));
  findings.any = true;
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
                      status.st_mtim.tv_sec * kSecond + status.st_mtim.tv_nsec == measured.changed;
    const auto now = is_there && !same ? read_arrival({row->name, row->in_new, false}, measured) : std::nullopt;
    if (now) {
      row->wire_size = now->wire_size;
      row->internal_date = now->internal_date;
      put_row(findings.batch, *row);
      erase_content(findings.batch, row->uid);
      changed = true;
    }
    const bool still = is_there && base::unix_now() - measured.changed / kSecond < kStillWritten;
    it = still ? std::next(it) : growing_.erase(it);
  }
  if (changed) core_.index->write(findings.batch, false);
  return changed;
}

}  // namespace store
