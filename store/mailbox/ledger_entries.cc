// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mailbox/ledger_entries.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "proto/base/clock.h"

namespace store {

namespace {

using What = LedgerEntry::What;

imap::FlagSet flags_of(const Row& row, const Keywords& keywords) {
  imap::FlagSet out;
  out.set_system_bits(row.system_flags);
  keywords.add_to(out, row.keywords);
  return out;
}

// One that says nothing yet.
LedgerEntry ledger_entry(const Draft& draft) {
  LedgerEntry out;
  out.when = base::unix_now();
  out.mailbox_id = draft.mailbox_id();
  out.mailbox = draft.mailbox_name();
  out.modseq = draft.record.highest_modseq;
  out.by = draft.story.by;
  return out;
}

// Those that came with their Message-IDs have an entry each; the others one for each set of flags.
void add_arrivals(const Draft& draft, std::vector<LedgerEntry>& entries) {
  const auto& rows = draft.added();
  const auto& ids = draft.story.message_ids;
  std::map<std::pair<std::uint8_t, Keywords::Set>, std::size_t> by_flags;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool has_id = i < ids.size() && !ids[i].empty();
    const auto [at, is_new] = has_id ? std::pair(by_flags.end(), true)
                                     : by_flags.try_emplace({rows[i].system_flags, rows[i].keywords}, entries.size());
    if (is_new) {
      auto& entry = entries.emplace_back(ledger_entry(draft));
      entry.what = What::Arrived;
      entry.flags_added = flags_of(rows[i], draft.keywords());
      if (has_id) entry.message_id = ids[i];
    }
    entries[has_id ? entries.size() - 1 : at->second].uids.add(rows[i].uid);
  }
}

void add_copies(const Draft& draft, std::vector<LedgerEntry>& entries) {
  auto& entry = entries.emplace_back(ledger_entry(draft));
  entry.what = draft.story.moved ? What::Moved : What::Copied;
  for (const auto& row : draft.added()) entry.uids.add(row.uid);
  entry.from_id = draft.story.from_id;
  entry.from = draft.story.from;
}

// One entry for all that change in the same way; of most updates only the file's name is another one.
void add_flags(const Draft& draft, std::vector<LedgerEntry>& entries) {
  std::map<std::tuple<std::uint8_t, Keywords::Set, std::uint8_t, Keywords::Set>, std::size_t> same;
  const auto& rows = draft.table().rows();
  auto before = rows.begin();
  for (const auto& after : draft.updated()) {
    if (before == rows.end() || before->uid != after.uid)
      before = std::ranges::lower_bound(rows, after.uid, {}, &Row::uid);
    if (before == rows.end() || before->uid != after.uid) continue;
    const auto& row = *before++;
    if (row.system_flags == after.system_flags && row.keywords == after.keywords) continue;
    const auto [at, is_new] =
        same.try_emplace({row.system_flags, row.keywords, after.system_flags, after.keywords}, entries.size());
    if (is_new) {
      auto& entry = entries.emplace_back(ledger_entry(draft));
      entry.what = What::Flags;
      const auto had = flags_of(row, draft.table().keywords()), has = flags_of(after, draft.keywords());
      (entry.flags_added = has).remove(had);
      (entry.flags_removed = had).remove(has);
    }
    entries[at->second].uids.add(after.uid);
  }
}

}  // namespace

void add_ledger_entries(const Draft& draft, std::vector<LedgerEntry>& entries) {
  const auto& story = draft.story;
  if (story.is_listing) {
    auto& entry = entries.emplace_back(ledger_entry(draft));
    entry.what = What::Listed;
  }
  if (!draft.removed().empty() && !story.moves_away) {
    auto& entry = entries.emplace_back(ledger_entry(draft));
    entry.what = What::Gone;
    entry.uids = draft.removed();
  }
  add_flags(draft, entries);
  if (draft.added().empty()) return;
  story.from_id.empty() ? add_arrivals(draft, entries) : add_copies(draft, entries);
}

}  // namespace store
