// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The directory against the index: what others did behind our back, or everything when there is no index.
//
// Where the kernel tells us which names changed, those are looked at (touched.cc). Else, or where that does not explain
// what became of a message, the whole directory is read:
// 1. Read the names in new/ and cur/. A row's file is known by its base name, whatever its flags and directory.
// 2. A file that a row knows may have other flags or another directory. A file that no row knows is new mail.
// 3. A row whose file was in neither of two readings is gone.
// 4. Two files with one base name, neither a link to the other, are two messages: the one that is no row's gets a base
//    name of its own, and comes as new mail.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "store/mailbox/mailbox_impl.h"

namespace store {

namespace {

using What = Watch::What;

constexpr auto kPatience = std::chrono::milliseconds(10);  // of a session whose NOOP meets a change under way

std::vector<FoundFile> read_names(const std::filesystem::path& directory) {
  std::vector<FoundFile> out;
  for (const bool in_new : {true, false}) {
    const auto path = directory / (in_new ? "new" : "cur");
    if (!for_each_name(path, [&](std::string_view name) { out.push_back({std::string(name), in_new, false}); }))
      throw std::system_error(ENOENT, std::generic_category(), path.string());
  }
  return out;
}

}  // namespace

bool MailboxImpl::is_there() {
  if (deleted_) return false;
  if (is_displaced()) {
    core_.options.log.warning("a mailbox's directory was taken away or replaced", {{"mailbox", name().utf8()}});
    mark_deleted();
    return false;
  }
  if (core_.watch) core_.watch->drain();  // without change_mutex
  return true;
}

void MailboxImpl::check() {
  if (!is_there()) return;
  std::unique_lock lock(state_.change_mutex);
  look(lock);
}

bool MailboxImpl::check_soon() {
  if (!is_there()) return true;
  std::unique_lock lock(state_.change_mutex, kPatience);
  if (lock) {
    look(lock);
    return true;
  }
  owes_look_ = true;
  core_.work_later(shared_from_this());
  return false;
}

void MailboxImpl::look(std::unique_lock<std::timed_mutex>& lock) {
  bool work = false, news = false;
  if (deleted_) return;
  owes_look_ = false;
  const auto before = table().record().highest_modseq;
  try {
    look_where_needed();
    if (!growing_.empty() || knows_rewritten()) look_at_growing();
  } catch (...) {
    dirty_ = true;
    throw;
  }
  news = before != table().record().highest_modseq;
  work = news || !state_.pending.empty() || !state_.doomed.files.empty() || !growing_.empty();
  lock.unlock();
  if (news) changed();
  if (work) core_.work_later(shared_from_this());
}

void MailboxImpl::look_where_needed() {
  digest();
  if (!dirty_ && is_watched()) {  // they would have told
    if (!touched_.empty() && !look_at_touched()) {
      core_.watch->drain();
      digest();
      if (!dirty_ && !look_at_touched()) dirty_ = true;
    }
  } else if (!dirty_) {
    const auto [cur, fresh] = directory_times();
    dirty_ = cur == 0 || fresh == 0 || cur != table().record().cur_changed || fresh != table().record().new_changed;
  }
  if (dirty_.exchange(false)) scan(false);
}

void MailboxImpl::conclude(Findings& findings) {
  if (findings.any) findings.draft.record.highest_modseq = findings.modseq;
  findings.change.commit({}, {}, findings.any);
  findings.looked_at.for_each([this](imap::Uid uid) { growing_.erase(uid); });
  growing_.merge(findings.growing);
  for (const auto& [uid, file] : findings.complete) fresh_.insert_or_assign(uid, file);
  const std::lock_guard lock(state_.table_mutex);
  findings.looked_at.for_each([this](imap::Uid uid) { read_early_.erase(uid), rewritten_.erase(uid); });
}

void MailboxImpl::scan(bool rebuilding) {
  bool ignored = false;
  const auto events = events_.take(ignored);  // of before the reading
  note_rewritten(events);
  for (const auto& event : events)
    if (event.what == What::Written) was_closed(event.path);
  touched_.clear();
  twins_.clear();
  has_closed_ = false;
  const auto times = directory_times();  // before reading: what changes meanwhile makes the next check look again
  auto files = read_names(state_.directory);
  core_.options.log.debug("directory read", {{"mailbox", state_.name.utf8()}, {"files", files.size()}});

  const auto& rows = table().rows();
  std::unordered_map<std::string_view, std::size_t> by_base;
  by_base.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) by_base.emplace(parse_maildir_name(rows[i].name).base, i);
  std::unordered_set<std::string> doomed;
  for (const auto& [uid, path] : state_.doomed.files) doomed.insert(path);
  std::vector<bool> seen(rows.size()), at_home(rows.size());
  std::vector<std::pair<std::size_t, FoundFile>> moved;  // row, what it is called now
  std::vector<FoundFile> unknown;
  const auto compare = [&](bool again) {
    for (auto& file : files) {
      const auto base = parse_maildir_name(file.name).base;
      const auto it = by_base.find(base);
      if (it == by_base.end()) {
        if (state_.doomed.bases.contains(std::string(base))) {
          if (doomed.insert(file.path()).second) state_.doomed.add(imap::Uid(0), file.path());
        } else if (!again) {
          unknown.push_back(std::move(file));
        }
        continue;
      }
      const auto position = it->second;
      const auto& row = rows[position];
      if (row.name == file.name && row.in_new == file.in_new)
        at_home[position] = true;
      else if (seen[position])  // the same message twice, or a rename that we read half way
        twins_[std::string(base)].insert(file.path());
      else
        moved.emplace_back(position, std::move(file));
      seen[position] = true;
    }
  };
  compare(false);
  if (std::ranges::find(seen, false) != seen.end()) {
    files = read_names(state_.directory);
    compare(true);
  }
  by_base.clear();

  Findings findings(state_);
  for (const auto& [position, file] : moved)
    if (at_home[position])
      twins_[std::string(parse_maildir_name(file.name).base)].insert(file.path());
    else
      follow(findings, rows[position], file);
  imap::UidSet lost;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (seen[i]) continue;
    if (table().is_being_renamed(rows[i].uid))  // between its names: looked for again
      dirty_ = true;
    else
      lost.add(rows[i].uid);
  }
  lose(findings, lost);
  adopt(findings, unknown, rebuilding);
  auto& record = findings.draft.record;
  if (rebuilding && record.uid_next < state_.reserved) record.uid_next = state_.reserved;
  const bool tells = growing_.empty() && findings.growing.empty() && !has_closed_;
  record.cur_changed = tells ? times.first : 0;
  record.new_changed = tells ? times.second : 0;
  conclude(findings);
  part_twins();
}

}  // namespace store
