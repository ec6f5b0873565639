// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mailbox/doomed_files.h"

#include <string_view>

#include "store/maildir/maildir.h"

namespace store {

namespace {
std::string base_of(std::string_view path) { return std::string(parse_maildir_name(path.substr(4)).base); }
}  // namespace

void DoomedFiles::add(imap::Uid uid, std::string path) {
  bases.emplace(base_of(path));
  files.emplace_back(uid, std::move(path));
}

void DoomedFiles::remove_first(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    if (const auto it = bases.find(base_of(files[i].second)); it != bases.end()) bases.erase(it);
  files.erase(files.begin(), files.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace store
