// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The directory against the index: what others did behind our back, or everything when there is no index.
//
// 1. Read the names in new/ and cur/. A row's file is known by its base name, whatever its flags and directory.
// 2. A file that a row knows: another flag in its name is a change by somebody else, unless our own rename is still to
// come (then the index wins).
// 3. A file that no row knows is new mail. Its UID is that of the text file, or that in its name where this can be
// true, or the next. UIDs are given in the order of the
//    names' times. What names do not say (UID, wire size) is recorded before the index is written.
// 4. A row whose file was in neither of two readings is gone.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <utility>

#include "proto/base/clock.h"
#include "store/mailbox_file.h"
#include "store/mailbox_impl.h"

namespace store {

namespace {

struct Found {
  std::string name;
  bool in_new;
};

constexpr imap::Uid kHighestAdopted{0xF0000000u};  // leaves room above for new mail

std::uint64_t time_in_name(std::string_view name) {
  std::uint64_t out = 0;
  std::from_chars(name.data(), name.data() + name.size(), out);
  return out;
}

}  // namespace

void MailboxImpl::check() {
  if (core_.watch) {
    core_.watch->drain();  // without mutex_
  }
  imap::ModSeq before, after;
  bool work = false;
  {
    const std::lock_guard lock(mutex_);
    if (deleted_) return;
    if (!dirty_) {
      if (watches_.size() == 2) return;  // they would have told
      const auto [cur, fresh] = directory_times();
      if (cur != 0 && fresh != 0 && cur == record_.cur_changed && fresh == record_.new_changed) return;
    }
    dirty_ = false;
    before = record_.highest_modseq;
    scan(false);
    after = record_.highest_modseq;
    work = !pending_.empty() || !doomed_.empty();
  }
  if (before != after) changed();
  if (work) core_.work_later(shared_from_this());
}

// Letters that we have no name for: another program may have named them meanwhile.
void MailboxImpl::name_letters(std::uint32_t letters) {
  bool looked = false;
  for (std::uint32_t i = 0; i < 26; ++i) {
    if (!(letters & (1u << i)) || keywords_.knows_letter(i)) continue;
    if (!std::exchange(looked, true)) load_letters();
    keywords_.invent_letter(i);
  }
}

void MailboxImpl::scan(bool rebuilding) {
  const auto times = directory_times();  // before reading: what changes meanwhile makes the next check look again
  std::vector<Found> found;
  const auto read_names = [&] {
    found.clear();
    for (const bool in_new : {true, false}) {
      const auto path = directory_ / (in_new ? "new" : "cur");
      if (!for_each_name(path, [&](std::string_view name) { found.push_back({std::string(name), in_new}); }))
        throw std::system_error(ENOENT, std::generic_category(), path.string());
    }
  };
  read_names();

  std::unordered_map<std::string_view, std::size_t> by_base;
  by_base.reserve(rows_.size());
  for (std::size_t i = 0; i < rows_.size(); ++i) by_base.emplace(parse_maildir_name(rows_[i].name).base, i);
  std::vector<bool> seen(rows_.size());
  std::vector<std::pair<std::size_t, Found>> moved;  // row, what it is called now
  std::vector<Found> unknown;
  const auto compare = [&](bool again) {
    for (auto& file : found) {
      const auto name = parse_maildir_name(file.name);
      const auto it = by_base.find(name.base);
      if (it == by_base.end()) {
        if (doomed_bases_.contains(std::string(name.base))) {
          const auto path = (file.in_new ? "new/" : "cur/") + file.name;
          if (std::ranges::find(doomed_, path, &std::pair<imap::Uid, std::string>::second) == doomed_.end())
            doomed_.emplace_back(imap::Uid(0), path);
        } else if (!again) {
          unknown.push_back(std::move(file));
        }
        continue;
      }
      if (seen[it->second]) continue;  // the same message twice: a rename that we read half way
      seen[it->second] = true;
      const auto& row = rows_[it->second];
      if (row.name != file.name || row.in_new != file.in_new) moved.emplace_back(it->second, std::move(file));
    }
  };
  compare(false);
  if (std::ranges::find(seen, false) != seen.end()) {
    read_names();
    compare(true);
  }

  IndexBatch batch;
  const auto modseq = record_.highest_modseq.next();
  bool any = false;
  for (auto& [position, file] : moved) {
    auto& row = rows_[position];
    const auto name = parse_maildir_name(file.name);
    const bool ours_comes = pending_.contains(row.uid) || renaming_.contains(row.uid.value) || is_pending(row);
    std::vector<std::uint32_t> numbers;
    for (const auto number : keywords_.numbers(row.keywords))
      if (number >= 26) numbers.push_back(number);
    for (std::uint32_t i = 0; i < 26; ++i)
      if (name.keyword_letters & (1u << i)) numbers.push_back(i);
    name_letters(name.keyword_letters);
    const auto keywords = keywords_.intern(std::move(numbers));
    row.name = file.name;
    row.in_new = file.in_new;
    if (ours_comes) {
      pending_.insert(row.uid);
    } else if (row.system_flags != name.system_flags || row.keywords != keywords) {
      row.system_flags = name.system_flags;
      row.keywords = keywords;
      row.modseq = modseq;
      any = true;
    }
    put_row(batch, row);
  }

  // What is gone.
  imap::UidSet lost;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (seen[i]) continue;
    if (renaming_.contains(rows_[i].uid.value)) {  // between its names: looked for again
      dirty_ = true;
      continue;
    }
    lost.add(rows_[i].uid);
    forget(batch, rows_.begin() + static_cast<std::ptrdiff_t>(i), modseq);
    any = true;
  }
  by_base.clear();
  if (!lost.empty()) std::erase_if(rows_, [&](const Row& row) { return lost.contains(row.uid); });

  // What is new.
  if (!unknown.empty()) {
    any = true;
    std::ranges::sort(unknown, [](const Found& a, const Found& b) {
      const auto x = time_in_name(a.name), y = time_in_name(b.name);
      return x != y ? x < y : a.name < b.name;
    });
    std::unordered_set<std::uint32_t> taken;
    for (const auto& row : rows_) taken.insert(row.uid.value);
    const auto least = rebuilding ? imap::Uid(1) : record_.uid_next;
    std::vector<Row> rows;
    std::vector<std::size_t> without;  // of rows: those that get the next UIDs
    std::unordered_set<std::string> bases;
    std::string lines;
    for (const auto& file : unknown) {
      const auto name = parse_maildir_name(file.name);
      if (!bases.emplace(name.base).second) continue;
      const auto path = directory_ / (file.in_new ? "new" : "cur") / file.name;
      struct stat status{};
      if (::stat(path.c_str(), &status) < 0) continue;  // gone again: the next event tells
      if (!S_ISREG(status.st_mode)) continue;
      Row row;
      row.name = file.name;
      row.in_new = file.in_new;
      row.modseq = modseq;
      row.internal_date = status.st_mtim.tv_sec;
      row.system_flags = name.system_flags;
      std::vector<std::uint32_t> numbers;
      for (std::uint32_t i = 0; i < 26; ++i)
        if (name.keyword_letters & (1u << i)) numbers.push_back(i);
      name_letters(name.keyword_letters);
      const auto size = static_cast<std::uint64_t>(status.st_size);
      if (name.wire_size && (!name.file_size || *name.file_size == size)) {
        row.wire_size = *name.wire_size;
      } else {
        const auto open = base::open_read_if_exists(path);
        if (!open) continue;
        row.wire_size = count_wire_size(open->get());
      }
      const auto known = adopted_.find(std::string(name.base));
      auto uid = known != adopted_.end() ? std::optional(known->second) : name.uid;
      // Where UIDs were reserved, none beyond them was ever given; a name must not be able to use up the rest.
      const auto limit = rebuilding && reserved_ == imap::Uid(1) ? kHighestAdopted : reserved_;
      const bool trusted =
          uid && *uid >= least && (known != adopted_.end() || *uid < limit) && taken.insert(uid->value).second;
      if (trusted)
        row.uid = *uid;
      else
        without.push_back(rows.size());
      if (trusted)
        if (const auto more = more_keywords_.find(row.uid.value); more != more_keywords_.end())
          for (const auto& keyword : more->second) numbers.push_back(keywords_.number_of(keyword));
      row.keywords = keywords_.intern(std::move(numbers));
      rows.push_back(std::move(row));
    }
    for (const auto& row : rows)
      if (row.uid >= record_.uid_next) record_.uid_next = row.uid.next();
    if (!without.empty()) {
      // No UID that was ever given may be given again; without an index only the text file knows which were.
      if (rebuilding && record_.uid_next < reserved_) record_.uid_next = reserved_;
      for (const auto i : without) {
        rows[i].uid = record_.uid_next;
        record_.uid_next = record_.uid_next.next();
        const auto base = std::string(parse_maildir_name(rows[i].name).base);
        adopted_[base] = rows[i].uid;
        lines += uid_line(rows[i].uid, base);
      }
    }
    if (record_.uid_next > reserved_) {
      reserved_ = imap::Uid(record_.uid_next.value + 1000);
      lines += uid_next_line(reserved_);
    }
    if (!lines.empty()) append_to_mailbox_file(directory_, lines);
    for (const auto& row : rows) put_row(batch, row);
    std::ranges::move(rows, std::back_inserter(rows_));
    std::ranges::sort(rows_, {}, &Row::uid);
  }
  if (rebuilding && record_.uid_next < reserved_) record_.uid_next = reserved_;
  if (any) record_.highest_modseq = modseq;
  record_.cur_changed = times.first;
  record_.new_changed = times.second;
  put_record(batch);
  core_.index->write(batch, any && core_.options.sync_to_disk);
}

}  // namespace store
