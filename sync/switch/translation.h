// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Translation: accounts of another tool's configuration in our options, and each of its lines that has no place there.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mirror {

using Options = std::vector<std::pair<std::string, std::string>>;  // in order

struct TranslatedAccount {
  std::string name;
  Options whole, local, remote;  // before the sections, [local], [remote]
};

struct Translation {
  std::vector<TranslatedAccount> accounts;
  std::vector<std::string> left_out;  // "line 7: MaxSize 1m: …", a sentence each
  std::string fault;                  // why there is nothing to write; empty: there is
};

// As a configuration file: one account without a name, several with theirs.
std::string text_of(const Translation& translation, const std::string& heading);

std::string with_home(const std::string& path, const std::filesystem::path& home);  // ~/

// An absent option is "".
const std::string& value_of(const Options& options, const std::string& name);

// ~ is `home`.
Translation translate_interimap(std::string_view text, const std::filesystem::path& home);
Translation translate_offlineimap(std::string_view text, const std::filesystem::path& home);
Translation translate_mbsync(std::string_view text, const std::filesystem::path& home);

}  // namespace mirror
