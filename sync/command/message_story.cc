// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/command/message_story.h"

#include <algorithm>

namespace mirror {

namespace {

using What = store::LedgerEntry::What;

// The one of `to` that stands where uid stands in `from`; as many in both.
std::optional<imap::Uid> counterpart(const imap::UidSet& from, imap::Uid uid, const imap::UidSet& to) {
  if (!from.contains(uid)) return std::nullopt;
  std::uint64_t position = 0;
  for (const auto& range : from.ranges()) {
    if (uid.value <= range.last) {
      position += uid.value - range.first;
      break;
    }
    position += std::uint64_t(range.last) - range.first + 1;
  }
  for (const auto& range : to.ranges()) {
    const auto count = std::uint64_t(range.last) - range.first + 1;
    if (position < count) return imap::Uid(static_cast<std::uint32_t>(range.first + position));
    position -= count;
  }
  return std::nullopt;
}

std::string flag_change_text(const store::LedgerEntry& entry) {
  std::string out;
  if (!entry.flags_added.empty()) out = "marked " + entry.flags_added.to_string();
  if (!entry.flags_removed.empty()) out += (out.empty() ? "" : ", ") + ("no more " + entry.flags_removed.to_string());
  return out;
}

bool is_copy(const store::LedgerEntry& entry) { return entry.what == What::Copied || entry.what == What::Moved; }

}  // namespace

std::string bare_message_id(std::string id) {
  std::erase_if(id, [](char c) { return c == '<' || c == '>' || c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
  return id;
}

bool MessageStory::grow(const store::LedgerEntry& entry, const std::string& message_id) {
  bool grown = false;
  const auto put = [&](const std::string& id, imap::Uid uid) { grown = places_.emplace(id, uid).second || grown; };
  if (!message_id.empty() && bare_message_id(entry.message_id) == message_id)
    entry.uids.for_each([&](imap::Uid uid) { put(entry.mailbox_id, uid); });
  if (!is_copy(entry)) return grown;
  for (const auto& [id, uid] : std::set<Place>(places_)) {
    if (id == entry.from_id)
      if (const auto to = counterpart(entry.from, uid, entry.uids)) put(entry.mailbox_id, *to);
    if (id == entry.mailbox_id)
      if (const auto from = counterpart(entry.uids, uid, entry.from)) put(entry.from_id, *from);
  }
  return grown;
}

std::vector<MessageStory::Event> MessageStory::events(const store::LedgerEntry& entry) {
  names_[entry.mailbox_id] = entry.mailbox;
  std::vector<Event> out;
  const auto first = places_.lower_bound({entry.mailbox_id, imap::Uid(0)});
  for (auto at = first; at != places_.end() && at->first == entry.mailbox_id; ++at) {
    const auto uid = at->second;
    if (!entry.uids.contains(uid) && entry.what != What::MailboxDeleted) continue;
    std::string what;
    switch (entry.what) {
      case What::Arrived:
        what = "arrived";
        if (!entry.flags_added.empty()) what += ", with " + entry.flags_added.to_string();
        break;
      case What::Flags: what = flag_change_text(entry); break;
      case What::Gone: what = "removed from this mailbox"; break;
      case What::Copied:
      case What::Moved: {
        const auto from = counterpart(entry.uids, uid, entry.from);
        const auto name = names_.find(entry.from_id);
        what = (entry.what == What::Copied ? "copied here from " : "moved here from ") +
               (name != names_.end() ? name->second : "a mailbox of which the ledger knows no name") +
               (from ? " " + std::to_string(from->value) : "");
        break;
      }
      case What::Remark: {
        const auto there = counterpart(entry.uids, uid, entry.from);
        what = entry.text + (there ? " (UID " + std::to_string(there->value) + " there)" : "");
        break;
      }
      case What::MailboxDeleted: what = "the mailbox was deleted"; break;
      case What::Listed: continue;
    }
    out.push_back({entry.when, entry.mailbox + " " + std::to_string(uid.value), what, entry.by});
  }
  return out;
}

}  // namespace mirror
