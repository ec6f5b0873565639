// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/config/config.h"

#include <sys/stat.h>

#include <cstdlib>

#include "proto/base/files.h"
#include "sync/config/accounts.h"
#include "sync/config/config_reader.h"

namespace mirror {

namespace {

std::filesystem::path home() {
  const char* value = std::getenv("HOME");
  return value != nullptr && *value != 0 ? value : "/";
}

std::filesystem::path directory(const char* variable, const char* below_home) {
  const char* value = std::getenv(variable);
  if (value != nullptr && *value == '/') return value;
  return home() / below_home;
}

}  // namespace

std::string ServerConfig::identity() const {
  if (type == Type::Store) return {};
  if (type == Type::Tunnel) return "command " + command;
  return username + " at " + host + " port " + port;
}

std::filesystem::path default_store() { return home() / "Mail"; }

bool is_same_directory(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code ignored;
  return std::filesystem::weakly_canonical(a / "", ignored) == std::filesystem::weakly_canonical(b / "", ignored);
}

std::string exposed_password(const Config& config) {
  struct stat now{};
  if (config.local.password.empty() && config.remote.password.empty()) return {};
  if (::stat(config.file.c_str(), &now) != 0 || (now.st_mode & S_IROTH) == 0) return {};
  return config.file.string() + " holds a password and can be read by every user of this machine: `chmod 600 " +
         config.file.string() + "`, or use password-command";
}

std::string config_stamp(const std::filesystem::path& file) {
  struct stat now{};
  if (::stat(file.c_str(), &now) != 0) return {};
  return std::to_string(now.st_ino) + ' ' + std::to_string(now.st_size) + ' ' + std::to_string(now.st_ctim.tv_sec) +
         '.' + std::to_string(now.st_ctim.tv_nsec);
}

std::filesystem::path Config::journal_file() const {
  std::filesystem::path name = database + ".postern";
  if (name.is_absolute()) return name;
  return directory("XDG_DATA_HOME", ".local/share") / "postern" / name;
}

std::optional<std::filesystem::path> find_config(const std::string& given) {
  if (!given.empty()) return std::filesystem::absolute(given);
  const auto base = directory("XDG_CONFIG_HOME", ".config");
  for (const char* name : {"postern/config", "interimap/config"}) {
    std::error_code hidden;  // one that may not be looked at is told of by whoever reads it
    const bool there = std::filesystem::exists(base / name, hidden);
    if (there || hidden || !account_files(base / name).empty()) return base / name;
  }
  return std::nullopt;
}

base::Result<std::string> read_config_text(const std::filesystem::path& file) {
  try {
    if (auto text = base::read_file_if_exists(file)) return std::move(*text);
  } catch (const std::system_error& error) {
    return base::refuse(base::Reason::Configuration, file.string() + " cannot be read: " + error.code().message());
  }
  return base::refuse(base::Reason::Configuration, file.string() + " does not exist");
}

base::Result<Config> read_config(const std::filesystem::path& file) {
  const auto text = read_config_text(file);
  if (!text) return std::unexpected(text.error());
  return parse_config(*text, file);
}

base::Result<Config> parse_config(std::string_view text, const std::filesystem::path& file) {
  ConfigReader reader(file, account_names(text).front());
  reader.read(text);
  return reader.result();
}

std::optional<std::filesystem::path> parse_store_of_wrong_config(std::string_view text) {
  ConfigReader reader("", account_names(text).front());
  reader.read(text);
  return reader.store();
}

}  // namespace mirror
