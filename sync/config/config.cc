// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// InterIMAP's configuration (interimap(1)) and ours. A line is read by this file itself: errors name the line, and a
// value may hold any octet, which the usual INI libraries do not grant (they cut at " ;").
#include "sync/config/config.h"

#include <sys/stat.h>

#include <cstdlib>

#include "proto/base/files.h"
#include "proto/base/lines.h"
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

namespace {

// Reads line by line, and goes on behind what is wrong: of a wrong configuration too it is to be known which store it
// is about.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& file) {
    config_.file = file;
    config_.local.type = ServerConfig::Type::Store;
    config_.local.section = "local";
    config_.remote.section = "remote";
  }

  void read(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    while (const auto line = base::take_line(text)) {
      ++number_;
      read_line(trimmed(*line));
    }
    fill_in(config_);
    if (error_) return;
    if (const auto good = check(config_, has_remote_); !good) error_ = good.error();
  }

  base::Result<Config> result() && {
    if (error_) return std::unexpected(*error_);
    return std::move(config_);
  }

  std::optional<std::filesystem::path> store() const {
    const auto& local = config_.local;
    if (local.type != ServerConfig::Type::Store || (local_is_doubtful_ && !has_path_)) return std::nullopt;
    return local.path;
  }

 private:
  void read_line(std::string_view line) {
    if (line.empty() || line.front() == '#' || line.front() == ';') return;
    if (line.front() == '[') return begin_section(line);
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) return wrong("expected OPTION = VALUE");
    const auto name = std::string(trimmed(line.substr(0, equals)));
    if (!section_) {  // one that does not exist, and may be the misspelt [local]
      local_is_doubtful_ |= name == "path";
      return;
    }
    const auto set = set_option(config_, *section_, name, std::string(trimmed(line.substr(equals + 1))));
    if (!set) return wrong(set.error().text);
    has_path_ |= *section_ == "local" && name == "path";
  }

  void begin_section(std::string_view line) {
    section_ = std::nullopt;
    if (line.back() != ']') return wrong("a section is written [name]");
    auto name = std::string(trimmed(line.substr(1, line.size() - 2)));
    if (name == "_" || name == "default") name.clear();
    if (!name.empty() && name != "local" && name != "remote")
      return wrong("there is no section [" + name + "]" + nearest(name, {"local", "remote"}));
    has_remote_ |= name == "remote";
    section_ = std::move(name);
  }

  void wrong(const std::string& what) {
    local_is_doubtful_ |= section_ == "local";
    if (error_) return;
    error_ = base::Refusal{base::Reason::Configuration,
                           config_.file.string() + ", line " + std::to_string(number_) + ": " + what};
  }

  Config config_;
  std::optional<std::string> section_ = "";  // nullopt: none that we know
  std::optional<base::Refusal> error_;       // the first
  std::size_t number_ = 0;
  bool has_remote_ = false, has_path_ = false, local_is_doubtful_ = false;
};

}  // namespace

base::Result<Config> parse_config(std::string_view text, const std::filesystem::path& file) {
  Reader reader(file);
  reader.read(text);
  return std::move(reader).result();
}

std::optional<std::filesystem::path> parse_store_of_wrong_config(std::string_view text) {
  Reader reader("");
  reader.read(text);
  return reader.store();
}

std::optional<std::filesystem::path> store_in_wrong_config(const std::filesystem::path& file) {
  try {
    const auto text = base::read_file_if_exists(file);
    return text ? parse_store_of_wrong_config(*text) : std::nullopt;
  } catch (const std::system_error&) {
    return std::nullopt;
  }
}

}  // namespace mirror
