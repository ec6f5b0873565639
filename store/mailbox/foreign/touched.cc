// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Where the kernel tells us which names changed.
// 1. A name that says what the row of its base name says was our own doing. Of the others it is looked at which are
//    there; what that means is found out in compare.h.
// 2. A file that has left its name may have a new one that the kernel tells next: asked once more.
// 3. Where that does not explain what became of a message, the whole directory is read (scan.cc).
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "proto/base/files.h"
#include "store/mailbox/mailbox_impl.h"

namespace store {

namespace {

using What = Finding::What;

std::string_view base_of(std::string_view path) { return parse_maildir_name(path.substr(4)).base; }

std::optional<FileId> id_of(const std::filesystem::path& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) < 0) return std::nullopt;
  return FileId{status.st_dev, status.st_ino};
}

}  // namespace

void MailboxImpl::digest() {
  bool anything = false;
  const auto events = events_.take(anything);
  note_rewritten(events);
  state_.dirty = state_.dirty || anything;
  if (state_.dirty) {
    touched_.clear();
    return;
  }
  for (const auto& event : events) {
    if (event.what == Watch::What::Written) was_closed(event.path);
    if (event.what == Watch::What::Changed || is_known(table(), event)) continue;
    auto& touched = touched_[std::string(base_of(event.path))];
    touched.paths.insert(event.path);
    if (event.what == Watch::What::Left) touched.left = true;
    if (event.what == Watch::What::Removed) touched.removed.insert(event.path);
    if (event.what == Watch::What::Came || event.what == Watch::What::Written) touched.closed.insert(event.path);
  }
}

// Which names are there, and what that means.
Findings MailboxImpl::look_at(const std::string& base, Touched& touched) {
  const auto* row = table().find_by_base(base);
  if (const auto twins = twins_.find(base); row != nullptr && twins != twins_.end())
    touched.paths.insert(twins->second.begin(), twins->second.end());
  const auto look = [&touched, &directory = state_.directory()](const std::string& path) {
    if (id_of(directory / path)) touched.there.insert(path);
  };
  for (const auto& path : touched.paths) look(path);
  if (row != nullptr) look(MessageTable::path_of(*row));
  return compare_touched(known_files(), base, touched);
}

bool MailboxImpl::look_at_touched() {
  ForeignChange foreign(state_);
  bool explained = true;
  Findings all;
  for (auto& [base, touched] : std::exchange(touched_, {})) {
    auto findings = look_at(base, touched);
    const auto first = findings.empty() ? What::Known : findings.front().what;
    if (first == What::Between || first == What::Unexplained) {  // looked at again, if only when our rename is done
      touched.there.clear();
      touched_.emplace(base, std::move(touched));
      explained = explained && first == What::Between;
    }
    if (first != What::Between && table().find_by_base(base) != nullptr) twins_.erase(base);
    std::ranges::move(findings, std::back_inserter(all));
  }
  take_up(foreign, std::move(all), false);
  if (!foreign.draft.is_empty()) conclude(foreign);
  part_twins();
  return explained;
}

void MailboxImpl::part_twins() {
  for (auto& [called, paths] : twins_) {
    const auto* row = table().find_by_base(called);
    if (row == nullptr || table().is_being_renamed(row->uid)) continue;
    const auto of_row = id_of(state_.directory() / MessageTable::path_of(*row));
    if (!of_row) continue;
    std::erase_if(paths, [&](const std::string& path) {
      state_.change_mutex.assert_held();
      const auto what = compare_twin(*of_row, id_of(state_.directory() / path));
      if (what == What::Parted) part(path);
      return what != What::Twin;
    });
  }
  std::erase_if(twins_, [](const auto& entry) { return entry.second.empty(); });
}

// The file gets a base name of its own, and comes as a new message.
void MailboxImpl::part(const std::string& path) {
  const auto name = parse_maildir_name(std::string_view(path).substr(4));
  const auto now = path.substr(0, 4) + base::unique_name() +
                   format_info(name.system_flags, name.keyword_letters, name.unknown_letters);
  core_.options.log.warning("two files had one name",
                            {{"mailbox", state_.name().utf8()}, {"renamed", path}, {"to", now}});
  base::rename_if_exists(state_.directory() / path, state_.directory() / now);
  state_.dirty = true;
}

}  // namespace store
