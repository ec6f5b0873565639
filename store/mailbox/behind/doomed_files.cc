// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mailbox/behind/doomed_files.h"

#include <string_view>

#include "store/maildir/maildir.h"

namespace store {

namespace {
std::string base_of(std::string_view path) { return std::string(parse_maildir_name(path.substr(4)).base); }
}  // namespace

void DoomedFiles::add(imap::Uid uid, std::string path, std::string note) {
  const auto base = base_of(path);
  auto of = uid;
  if (!note.empty()) {
    notes_[base] = {uid, note};
  } else if (const auto it = notes_.find(base); it != notes_.end()) {
    of = it->second.first;
    note = it->second.second;
  }
  bases.emplace(base);
  files.push_back({uid, std::move(path), std::move(note), of});
}

void DoomedFiles::remove_first(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto base = base_of(files[i].path);
    if (const auto it = bases.find(base); it != bases.end()) bases.erase(it);
    if (!bases.contains(base)) notes_.erase(base);
  }
  files.erase(files.begin(), files.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace store
