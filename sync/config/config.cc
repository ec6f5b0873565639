// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// InterIMAP's configuration (interimap(1)) and ours. A line is read by this file itself: errors name the line, and a
// value may hold any octet, which the usual INI libraries do not grant (they cut at " ;").
#include "sync/config/config.h"

#include <cstdlib>

#include "proto/base/files.h"
#include "sync/config/config_options.h"

namespace mirror {

namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::filesystem::path home() {
  const char* value = std::getenv("HOME");
  return value != nullptr && *value != 0 ? value : "/";
}

std::filesystem::path directory(const char* variable, const char* below_home) {
  const char* value = std::getenv(variable);
  if (value != nullptr && *value == '/') return value;
  return home() / below_home;
}

void fill_in(Config& config) {
  for (auto* side : {&config.local, &config.remote}) {
    if (side->port.empty()) side->port = side->type == ServerConfig::Type::Imap ? "143" : "993";
    if (side->host.size() > 2 && side->host.front() == '[' && side->host.back() == ']')
      side->host = side->host.substr(1, side->host.size() - 2);
  }
  if (config.local.type == ServerConfig::Type::Store && config.local.path.empty()) config.local.path = default_store();
  if (!config.database.empty()) return;
  const auto host = config.remote.type == ServerConfig::Type::Tunnel ? std::string("localhost") : config.remote.host;
  config.database = host + ".db";
}

base::Result<void> check(const Config& config, bool has_remote) {
  const auto wrong = [&](const std::string& text) {
    return base::refuse(base::Reason::Configuration, config.file.string() + ": " + text);
  };
  if (!has_remote) return wrong("there is no section [remote], so there is nothing to synchronise with");
  if (config.remote.type == ServerConfig::Type::Store)
    return wrong("[remote] cannot be of type store: the built-in store is the local side");
  for (const auto* side : {&config.local, &config.remote})
    if (side->type == ServerConfig::Type::Tunnel && side->command.empty())
      return wrong("[" + side->section + "] has type tunnel but no command");
  return {};
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

std::filesystem::path Config::journal_file() const {
  std::filesystem::path name = database + ".postern";
  if (name.is_absolute()) return name;
  return directory("XDG_DATA_HOME", ".local/share") / "postern" / name;
}

std::optional<std::filesystem::path> find_config(const std::string& given) {
  if (!given.empty()) return std::filesystem::absolute(given);
  const auto base = directory("XDG_CONFIG_HOME", ".config");
  for (const char* name : {"postern/config", "interimap/config"}) {
    std::error_code ignored;
    if (std::filesystem::exists(base / name, ignored)) return base / name;
  }
  return std::nullopt;
}

base::Result<Config> read_config(const std::filesystem::path& file) {
  std::optional<std::string> text;
  try {
    text = base::read_file_if_exists(file);
  } catch (const std::system_error& error) {
    return base::refuse(base::Reason::Configuration, file.string() + " cannot be read: " + error.code().message());
  }
  if (!text) return base::refuse(base::Reason::Configuration, file.string() + " does not exist");
  return parse_config(*text, file);
}

base::Result<Config> parse_config(std::string_view text, const std::filesystem::path& file) {
  Config config;
  config.file = file;
  config.local.type = ServerConfig::Type::Store;
  config.local.section = "local";
  config.remote.section = "remote";
  std::string section;
  bool has_remote = false;
  std::size_t number = 0;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    const auto wrong = [&](const std::string& what) {
      return base::refuse(base::Reason::Configuration,
                          file.string() + ", line " + std::to_string(number) + ": " + what);
    };
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      if (line.back() != ']') return wrong("a section is written [name]");
      section = trimmed(line.substr(1, line.size() - 2));
      if (section == "_" || section == "default") section.clear();
      if (!section.empty() && section != "local" && section != "remote")
        return wrong("there is no section [" + section + "]" + nearest(section, {"local", "remote"}));
      has_remote |= section == "remote";
      continue;
    }
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) return wrong("expected OPTION = VALUE");
    const auto set = set_option(config, section, std::string(trimmed(line.substr(0, equals))),
                                std::string(trimmed(line.substr(equals + 1))));
    if (!set) return wrong(set.error().text);
  }
  fill_in(config);
  const auto good = check(config, has_remote);
  if (!good) return std::unexpected(good.error());
  return config;
}

}  // namespace mirror
