// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mailbox/foreign/compare.h"

#include <algorithm>

#include "store/maildir/maildir.h"

namespace store {

namespace {

using What = Finding::What;

std::string_view name_of(std::string_view path) { return path.substr(4); }

FoundFile file_at(std::string_view path, bool was_closed = false) {
  return {std::string(name_of(path)), path.starts_with("new/"), was_closed};
}

// Another flag in a name is a change by somebody else, unless our own rename is still to come: then the index wins.
What renamed(const KnownFiles& known, const Row& row) {
  const bool ours_comes =
      known.pending.contains(row.uid) || known.table.is_being_renamed(row.uid) || known.table.is_misnamed(row);
  return ours_comes ? What::RenamedFirst : What::Renamed;
}

std::int64_t whole_seconds(std::int64_t ns) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  return ns >= 0 ? ns / kSecond : -((kSecond - 1 - ns) / kSecond);
}

}  // namespace

NameComparison::NameComparison(const KnownFiles& known) : known_(known) {
  const auto& rows = known.table.rows();
  by_base_.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (!rows[i].elsewhere) by_base_.emplace(parse_maildir_name(rows[i].name).base, i);
  for (const auto& file : known.doomed.files) doomed_paths_.insert(file.path);
  for (const auto& row : rows) seen_.push_back(row.elsewhere);
  at_home_.resize(rows.size());
}

void NameComparison::first_reading(std::vector<FoundFile> names) {
  for (auto& file : names) compare(std::move(file), false);
}

void NameComparison::second_reading(std::vector<FoundFile> names) {
  for (std::size_t i = 0; i < elsewhere_.size(); ++i) elsewhere_earlier_.emplace(elsewhere_[i].first, i);
  for (auto& file : names) compare(std::move(file), true);
}

bool NameComparison::misses_some() const { return std::ranges::find(seen_, false) != seen_.end(); }

void NameComparison::compare(FoundFile file, bool again) {
  const auto base = parse_maildir_name(file.name).base;
  if (const auto it = by_base_.find(base); it != by_base_.end()) {
    compare_with_row(it->second, std::move(file));
  } else if (known_.doomed.bases.contains(base)) {
    if (doomed_paths_.insert(file.path()).second) findings_.push_back({What::Doomed, {}, std::move(file)});
  } else if (!again) {  // what the second reading shows for the first time came meanwhile: the next look adopts it
    findings_.push_back({What::Found, {}, std::move(file)});
  }
}

void NameComparison::compare_with_row(std::size_t position, FoundFile file) {
  const auto& row = known_.table.rows()[position];
  if (row.name == file.name && row.in_new == file.in_new)
    at_home_[position] = true;
  else if (!seen_[position])
    elsewhere_.emplace_back(position, std::move(file));
  else if (!is_found_again(position, file))  // the same message twice, or a rename that was read half way
    findings_.push_back({What::Twin, row.uid, std::move(file)});
  seen_[position] = true;
}

bool NameComparison::is_found_again(std::size_t position, const FoundFile& file) const {
  const auto it = elsewhere_earlier_.find(position);
  return it != elsewhere_earlier_.end() && elsewhere_[it->second].second.path() == file.path();
}

Findings NameComparison::findings() && {
  const auto& rows = known_.table.rows();
  for (auto& [position, file] : elsewhere_) {
    const auto& row = rows[position];
    findings_.push_back({at_home_[position] ? What::Twin : renamed(known_, row), row.uid, std::move(file)});
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (seen_[i]) continue;
    const bool between = known_.table.is_being_renamed(rows[i].uid);
    findings_.push_back({between ? What::Between : What::Gone, rows[i].uid, {}});
  }
  return std::move(findings_);
}

Findings compare_touched(const KnownFiles& known, const std::string& base, const Touched& touched) {
  Findings out;
  const auto* row = known.table.find_by_base(base);
  if (row == nullptr) {
    const auto what = known.doomed.bases.contains(base) ? What::Doomed : What::Found;
    for (const auto& path : touched.there) out.push_back({what, {}, file_at(path, touched.closed.contains(path))});
    return out;
  }
  if (known.table.is_being_renamed(row->uid)) return {{What::Between, row->uid, {}}};
  const auto here = MessageTable::path_of(*row);
  const bool at_home = touched.there.contains(here);
  for (const auto& path : touched.there) {
    if (path == here) continue;
    // The same message twice, perhaps only until the first name goes.
    out.push_back({at_home || !out.empty() ? What::Twin : renamed(known, *row), row->uid, file_at(path)});
  }
  if (at_home || !out.empty()) return out;
  const bool was_removed = touched.removed.contains(here) && !touched.left;
  return {{was_removed ? What::Gone : What::Unexplained, row->uid, {}}};
}

bool is_known(const MessageTable& table, const FileEvent& event) {
  const bool came = event.what != Watch::What::Left && event.what != Watch::What::Removed;
  const auto* row = table.find_by_base(name_of(event.path));
  if (row == nullptr) return !came;  // what is not there any more and never was a message
  const bool is_here = MessageTable::path_of(*row) == event.path;
  if (const auto* ours = table.renamed_to(row->uid))
    return event.what == Watch::What::Left ? is_here : event.what == Watch::What::Came && event.path == *ours;
  return is_here == came;
}

std::map<imap::Uid, Told> told_of_texts(const MessageTable& table, const std::vector<FileEvent>& events) {
  std::map<imap::Uid, Told> out;
  for (const auto& event : events) {
    const auto* row = table.find_by_base(name_of(event.path));
    if (row == nullptr) continue;
    if (event.what == Watch::What::Left) out[row->uid].left = true;
    if (row->growing || table.is_being_renamed(row->uid) || MessageTable::path_of(*row) != event.path) continue;
    if (event.what == Watch::What::Changed) out[row->uid].written = true;
    if (event.what == Watch::What::Came) out[row->uid].named = true;
  }
  std::erase_if(out, [](const auto& entry) { return !entry.second.written && !entry.second.named; });
  return out;
}

Finding::What compare_text(const Row& row, const Told& told, const LookedAt& file) {
  if (file.when_it_came == file.now) return What::Known;
  if (told.written) return What::Rewritten;
  if (!told.named || told.left) return What::Known;
  if (has_other_size(row, file.now)) return What::Rewritten;
  // A file system may not be able to hold the time of a message of ours.
  const bool time_tells = row.size_mark != 0 || file.just_now;
  return time_tells && whole_seconds(file.now.changed) != row.internal_date ? What::Rewritten : What::Known;
}

bool has_other_size(const Row& row, const Measured& file) {
  const auto name = parse_maildir_name(row.name);
  auto mark = row.size_mark;
  const bool packed = name.unknown_letters.find('Z') != std::string_view::npos;  // S= is then that of the text
  if (mark == 0 && name.uid == row.uid && name.file_size && !packed) mark = size_mark(*name.file_size);
  return mark != 0 && mark != size_mark(file.size);
}

Finding::What compare_growing(const Row* row, bool complete, const Measured& now,
                              const std::optional<Measured>& read_early) {
  if (row == nullptr) return What::Gone;
  if (!complete) return What::Growing;
  return read_early && *read_early != now ? What::Replaced : What::Complete;
}

Finding::What compare_twin(FileId of_row, std::optional<FileId> twin) {
  if (!twin) return What::Gone;
  return *twin == of_row ? What::Twin : What::Parted;
}

}  // namespace store
