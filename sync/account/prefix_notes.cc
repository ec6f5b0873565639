// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// DO NOT CHANGE what is written here: prefix/<state> is "1", the prefix, NUL, the account's name.
#include "sync/account/prefix_notes.h"

namespace mirror {

namespace {

constexpr std::string_view kKey = "prefix/";

std::string key_of(const std::string& database) { return std::string(kKey) + database; }

}  // namespace

std::vector<PrefixNote> prefix_notes(store::MailStore& mail_store) {
  std::vector<PrefixNote> out;
  for (const auto& [key, value] : mail_store.get_states(kKey)) {
    const auto end = value.find('\0');
    if (!value.starts_with('1') || end == std::string::npos || end < 2) continue;
    out.push_back({key.substr(kKey.size()), value.substr(1, end - 1), value.substr(end + 1)});
  }
  return out;
}

void put_prefix_note(store::MailStore& mail_store, const PrefixNote& note) {
  const auto value = '1' + note.prefix + '\0' + note.name;
  if (mail_store.get_state(key_of(note.database)) == value) return;
  store::StateBatch batch;
  batch.put(key_of(note.database), value);
  mail_store.put_state(batch, true);
}

void forget_prefix_note(store::MailStore& mail_store, const std::string& database) {
  store::StateBatch batch;
  batch.erase(key_of(database));
  mail_store.put_state(batch, true);
}

}  // namespace mirror
