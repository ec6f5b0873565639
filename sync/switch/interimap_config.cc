// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// InterIMAP's configuration is ours, but for the local server, in whose place comes the built-in store.
#include <algorithm>

#include "sync/switch/ini_lines.h"
#include "sync/switch/translation.h"

namespace mirror {

Translation translate_interimap(std::string_view text, const std::filesystem::path& home) {
  Translation out;
  TranslatedAccount account;
  account.name = "interimap";
  const auto sections = ini_sections_of(text);
  account.local.emplace_back("path", (home / "Mail").string());
  for (const auto& section : sections) {
    for (const auto& line : section.lines) {
      const auto left = "line " + std::to_string(line.number) + ": " + line.name + ": ";
      if (section.name.empty())
        account.whole.emplace_back(line.name, line.value);
      else if (section.name == "remote")
        account.remote.emplace_back(line.name, line.value);
      else if (section.name == "local" && line.name == "list-reference")
        account.local.emplace_back(line.name, line.value);
      else if (section.name == "local")
        out.left_out.push_back(left + "it is about the local server, in whose place Postern's own store comes");
      else
        out.left_out.push_back(left + "it is in none of the sections [local] and [remote]");
    }
  }
  const auto* local = find_section(sections, "local");
  if (account.remote.empty()) out.fault = "it has no [remote]";
  if (local != nullptr)
    out.left_out.push_back("the mail is looked for in " + (home / "Mail").string() +
                           "; where Dovecot's mail_location is another one, write that: path = DIR in [local]");
  out.accounts.push_back(std::move(account));
  return out;
}

}  // namespace mirror
