// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/pass/mailboxes/renamed_mailboxes.h"

#include <algorithm>
#include <string_view>

namespace mirror {

std::string in_shell(const MailboxPath& path) {
  const auto name = path.shown();
  const bool is_plain = !name.empty() && name.front() != '-' && std::ranges::all_of(name, [](char c) {
    constexpr std::string_view kPlain = "/._-+:,=@";
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           static_cast<unsigned char>(c) >= 0x80 || kPlain.find(c) != std::string_view::npos;
  });
  if (is_plain) return name;
  std::string out = name.starts_with('-') ? "-- '" : "'";
  for (const char c : name) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::map<MailboxPath, MailboxPath> find_renamed(const WhereItStands& missing, const WhereItStands& listed,
                                                const std::set<MailboxPath>& unknown) {
  std::multimap<std::uint32_t, const std::pair<MailboxPath, SideState>*> by_validity;
  for (const auto& one : listed) by_validity.emplace(one.second.uid_validity.value, &one);
  std::map<MailboxPath, MailboxPath> out;
  std::map<MailboxPath, int> claims;  // two that are missing cannot both be the one that is new
  for (const auto& [path, known] : missing) {
    const auto [first, last] = by_validity.equal_range(known.uid_validity.value);
    if (!known.uid_validity || first == last || std::next(first) != last) continue;
    const auto& [new_path, state] = *first->second;
    if (!unknown.contains(new_path) || state.uid_next < known.uid_next) continue;
    out.emplace(path, new_path);
    ++claims[new_path];
  }
  std::erase_if(out, [&](const auto& one) { return claims[one.second] > 1; });
  return out;
}

std::string hidden_sentence(const MailboxPath& new_path, const std::string& side) {
  return "is called " + new_path.shown() + " on " + side +
         " now, a name that the configuration leaves out: it is kept on the other side and not synchronised. Rename it "
         "back, or let the configuration take the new name in";
}

std::string taken_sentence(const MailboxPath& path, const MailboxPath& new_path, const std::string& side,
                           const std::string& there) {
  return "is called " + new_path.shown() + " on " + side + " now; on " + there +
         " another mailbox is called so. Neither is synchronised: when you have deleted or renamed " +
         new_path.shown() + " on " + there + ", " + path.shown() + " gets its new name there too";
}

std::string missing_sentence(const MailboxPath& path, const MailboxPath* new_path, const std::string& side) {
  const auto old_name = in_shell(path);
  if (new_path != nullptr)
    return "is no longer on " + side + ", where it is called " + new_path->shown() +
           " now; neither is synchronised until `postern rename " + old_name + " " + in_shell(*new_path) +
           "` has renamed it on the other side too";
  return "is no longer on " + side +
         "; it is kept on the other side and not synchronised. Where it was deleted there on purpose, `postern "
         "delete " +
         old_name + "` deletes it on the other side too; where it was renamed there, `postern rename " + old_name +
         " NEW-NAME` renames it on the other side too; else make it again";
}

}  // namespace mirror
