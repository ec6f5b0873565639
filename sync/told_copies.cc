// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/told_copies.h"

#include <algorithm>
#include <set>

namespace mirror {

namespace {

bool is_copy_of(const Identity& original, const Identity& copy) {
  return original.message_id == copy.message_id && original.size == copy.size &&
         (!original.message_id.empty() || original.internal_date == copy.internal_date);
}

}  // namespace

imap::FlagSet agreed_of_copy(imap::FlagSet agreed, imap::FlagSet original, const imap::FlagSet& copy) {
  original.remove(copy);
  agreed.remove(original);
  return agreed;
}

bool is_told_plainly(const CopyOutcome& outcome, imap::UidValidity validity, const imap::UidSet& come) {
  if (!outcome.validity || !(*outcome.validity == validity)) return false;
  imap::UidSet told;
  for (const auto& [original, copy] : outcome.copies) {
    if (!told.empty() && copy < told.max()) return false;
    told.add(copy);
  }
  return told == come;
}

std::map<imap::Uid, imap::Uid> copies_among(const std::vector<Identity>& come, const std::vector<Identity>& originals,
                                            const CopyOutcome& outcome) {
  std::map<imap::Uid, imap::Uid> out;
  std::set<imap::Uid> taken;
  for (const auto& one : originals) {
    const auto told = outcome.copies.find(one.uid);
    if (told == outcome.copies.end()) continue;
    const auto at = std::ranges::find(come, told->second, &Identity::uid);
    if (at == come.end() || !is_copy_of(one, *at)) continue;
    out.emplace(one.uid, at->uid);
    taken.insert(at->uid);
  }
  for (const auto& one : originals) {
    if (out.contains(one.uid)) continue;
    const auto fits = [&](const Identity& copy) { return !taken.contains(copy.uid) && is_copy_of(one, copy); };
    const auto rivals = std::ranges::count_if(originals, [&](const Identity& rival) { return is_copy_of(one, rival); });
    if (rivals != 1 || std::ranges::count_if(come, fits) != 1) continue;
    out.emplace(one.uid, std::ranges::find_if(come, fits)->uid);
  }
  return out;
}

}  // namespace mirror
