// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/imap/flag_lists.h"

#include "sync/imap/imap_stream.h"

namespace mirror {

std::size_t octets_of(const imap::FlagSet& flags) {
  std::size_t out = 0;
  for (const auto& keyword : flags.keywords()) out += keyword.size() + 1;
  return out;
}

// Parts of the flags whose text leaves room for UIDs in a line.
std::vector<imap::FlagSet> short_lists(const imap::FlagSet& flags) {
  std::vector<imap::FlagSet> out(1);
  out.back().set_system_bits(flags.system_bits());
  for (const auto& keyword : flags.keywords()) {
    if (octets_of(out.back()) + keyword.size() > kSetOctets / 2 && !out.back().empty()) out.emplace_back();
    out.back().add(keyword);
  }
  return out;
}

imap::StoreCommand store_command(const imap::UidSet& uids, imap::FlagChange change, const imap::FlagSet& flags) {
  imap::StoreCommand out;
  out.messages = by_uid(uids);
  out.change = change;
  out.silent = true;
  out.flags = flags;
  return out;
}

}  // namespace mirror
