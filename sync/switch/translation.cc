// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/switch/translation.h"

#include <algorithm>

namespace mirror {

namespace {

void add_lines(std::string& out, const Options& options) {
  for (const auto& [name, value] : options) out += name + " = " + value + '\n';
}

// A name that may stand in a section's head.
std::string plain(const std::string& name) {
  auto out = name;
  std::ranges::replace_if(
      out, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_' && c != '.'; },
      '-');
  return out.empty() ? "account" : out;
}

}  // namespace

std::string with_home(const std::string& path, const std::filesystem::path& home) {
  return path == "~" || path.starts_with("~/") ? home.string() + path.substr(1) : path;
}

const std::string& value_of(const Options& options, const std::string& name) {
  static const std::string none;
  const auto at = std::ranges::find(options, name, [](const auto& option) { return option.first; });
  return at == options.end() ? none : at->second;
}

std::string text_of(const Translation& translation, const std::string& heading) {
  std::string out = heading;
  const bool named = translation.accounts.size() > 1;
  for (const auto& account : translation.accounts) {
    const auto name = plain(account.name);
    const auto section = [&](const char* kind) { return std::string("[") + kind + (named ? ' ' + name : "") + "]\n"; };
    out += named ? "\n# " + account.name + '\n' : "";
    if (named && !account.whole.empty()) out += section("account");
    add_lines(out, account.whole);
    if (!account.local.empty()) out += section("local");
    add_lines(out, account.local);
    out += section("remote");
    add_lines(out, account.remote);
  }
  return out;
}

}  // namespace mirror
