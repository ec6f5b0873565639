// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/moved_files.h"

#include <map>

#include "sync/message_mark.h"

namespace mirror {

imap::FlagSet agreed_of_file(imap::FlagSet agreed, const imap::FlagSet& here) {
  auto lacking = agreed;
  lacking.remove(here);
  lacking.set_system_bits(0);
  agreed.remove(lacking);
  return agreed;
}

std::vector<CopyThere> match_moved_files(const std::vector<LostHere>& lost, const std::vector<NewHere>& come,
                                         const std::set<std::uint64_t>& marks_here) {
  std::map<std::uint64_t, std::vector<const LostHere*>> gone;
  for (const auto& one : lost)
    if (one.pair.mark != 0 && !marks_here.contains(one.pair.mark)) gone[one.pair.mark].push_back(&one);
  std::map<std::uint64_t, std::vector<const NewHere*>> arrived;
  for (const auto& one : come)
    if (!one.here.message_id.empty()) arrived[mark_of(one.here.message_id)].push_back(&one);
  std::vector<CopyThere> out;
  for (const auto& [mark, from] : gone) {
    const auto to = arrived.find(mark);
    if (to == arrived.end() || from.size() != 1 || to->second.size() != 1) continue;
    const auto& file = *to->second.front();
    if (from.front()->mailbox == file.mailbox || file.here.flags.has(imap::Flag::Draft)) continue;
    out.push_back({{file.mailbox, file.here.uid}, from.front()->mailbox, from.front()->pair, Manner::Move, false});
  }
  return out;
}

}  // namespace mirror
