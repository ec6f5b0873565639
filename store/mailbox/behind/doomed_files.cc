// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mailbox/behind/doomed_files.h"

#include <algorithm>
#include <string_view>

#include "store/maildir/maildir.h"

namespace store {

namespace {
std::string_view base_of(std::string_view path) { return parse_maildir_name(path.substr(4)).base; }
}  // namespace

void DoomedFiles::add(imap::Uid uid, std::string path, std::string note) {
  auto& file = files.emplace_back(DoomedFile{uid, std::move(path), std::move(note), uid});
  const auto base = base_of(file.path);
  if (!file.note.empty()) {
    notes_[std::string(base)] = {uid, file.note};
  } else if (const auto it = notes_.find(std::string(base)); it != notes_.end()) {
    file.of = it->second.first;
    file.note = it->second.second;
  }
  bases.emplace(base);
}

void DoomedFiles::remove_first(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto base = base_of(files[i].path);
    const auto [first, last] = bases.equal_range(base);  // that which lies in this path: the path goes
    bases.erase(std::find_if(first, last, [&](std::string_view one) { return one.data() == base.data(); }));
    if (!bases.contains(base)) notes_.erase(std::string(base));
  }
  files.erase(files.begin(), files.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace store
