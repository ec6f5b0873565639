// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ConfigReader: one account out of a configuration file, line by line.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sync/config/config.h"

namespace mirror {

// The accounts of a file in its order, "" for the one of [local] and [remote]; at least one.
std::vector<std::string> account_names(std::string_view text);

// Goes on behind what is wrong: of a wrong configuration too it is to be known which mailboxes it is about.
class ConfigReader {
 public:
  // name: as account_names() tells it.
  ConfigReader(const std::filesystem::path& file, std::string name);

  void use_store(const std::filesystem::path& path) { config_.local.path = path; }  // where the file names none
  void use_hooks(const HookCommands& hooks) { config_.hooks = hooks; }              // those that the file does not name
  void read(std::string_view text);

  base::Result<Config> result() const;
  const Config& known() const { return config_; }  // of a wrong one: what could be read
  std::optional<std::filesystem::path> store() const;

 private:
  enum class Whose : std::uint8_t { Ours, Others, Everybodys, Unknown };
  void read_line(std::string_view line);
  void begin_section(std::string_view line);
  void begin_named(const std::string& kind, const std::string& name, const std::string& section);
  void set_shared(const std::string& name, const std::string& value);
  void wrong(const std::string& what);

  Config config_;
  std::string name_;
  std::vector<std::string> names_;  // of all accounts of the file
  Whose whose_ = Whose::Ours;
  std::string section_;                 // "", "local", "remote"
  std::set<std::string> begun_;         // of this account's sections
  std::optional<base::Refusal> error_;  // the first
  std::size_t number_ = 0;
  bool has_remote_ = false, has_path_ = false, local_is_doubtful_ = false;
};

}  // namespace mirror
