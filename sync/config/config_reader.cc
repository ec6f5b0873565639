// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// InterIMAP's configuration (interimap(1)) and ours. A line is read by this file itself: errors name the line, and a
// value may hold any octet, which the usual INI libraries do not grant (they cut at " ;").
//
// Several accounts in one file: [remote NAME], [local NAME] and, for what stands before the first section, [account
// NAME]. What stands before the first section is everybody's. [local] is that of the account without a name; its path
// is also that of each named account that has none.
#include "sync/config/config_reader.h"

#include <algorithm>

#include "proto/base/lines.h"
#include "sync/config/config_options.h"

namespace mirror {

namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// "[remote work]": what, and whose; nullopt where the brackets do not end.
std::optional<std::pair<std::string, std::string>> section_of(std::string_view line) {
  if (line.size() < 2 || line.front() != '[' || line.back() != ']') return std::nullopt;
  const auto inside = trimmed(line.substr(1, line.size() - 2));
  const auto blank = inside.find_first_of(" \t");
  std::string kind(inside.substr(0, blank));
  if (kind == "_" || kind == "default") kind.clear();
  return std::pair(kind, blank == std::string_view::npos ? std::string() : std::string(trimmed(inside.substr(blank))));
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
  for (const auto* side : {&config.local, &config.remote})
    if (side->protocol_min == "TLSv1.3" && side->protocol_max == "TLSv1.2")
      return wrong("[" + side->section + "] SSL_protocol_min and SSL_protocol_max leave no protocol");
  return {};
}

// The account's name where it was given none.
std::string name_of_state(const std::string& database) {
  const auto name = std::filesystem::path(database).filename().string();
  return name.ends_with(".db") && name.size() > 3 ? name.substr(0, name.size() - 3) : name;
}

}  // namespace

std::vector<std::string> account_names(std::string_view text) {
  std::vector<std::string> out;
  bool has_remote = false;
  while (const auto line = base::take_line(text)) {
    const auto section = section_of(trimmed(*line));
    if (!section) continue;
    const auto& [kind, name] = *section;
    has_remote |= kind == "remote" && name.empty();
    const bool known = kind == "remote" || kind == "local" || kind == "account";
    if (known && !name.empty() && std::ranges::find(out, name) == out.end()) out.push_back(name);
  }
  if (has_remote || out.empty()) out.insert(out.begin(), std::string());
  return out;
}

ConfigReader::ConfigReader(const std::filesystem::path& file, std::string name) : name_(std::move(name)) {
  config_.file = file;
  config_.local.type = ServerConfig::Type::Store;
  config_.local.section = "local";
  config_.remote.section = "remote";
}

void ConfigReader::read(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  names_ = account_names(text);
  while (const auto line = base::take_line(text)) {
    ++number_;
    read_line(trimmed(*line));
  }
  fill_in(config_);
  config_.name = name_.empty() ? name_of_state(config_.database) : name_;
  if (error_) return;
  if (const auto good = check(config_, has_remote_); !good) error_ = good.error();
}

base::Result<Config> ConfigReader::result() const {
  if (error_) return std::unexpected(*error_);
  return config_;
}

std::optional<std::filesystem::path> ConfigReader::store() const {
  const auto& local = config_.local;
  if (local.type != ServerConfig::Type::Store || (local_is_doubtful_ && !has_path_)) return std::nullopt;
  return local.path;
}

void ConfigReader::read_line(std::string_view line) {
  if (line.empty() || line.front() == '#' || line.front() == ';') return;
  if (line.front() == '[') return begin_section(line);
  if (whose_ == Whose::Others) return;
  const auto equals = line.find('=');
  if (equals == std::string_view::npos) return wrong("expected OPTION = VALUE");
  const auto name = std::string(trimmed(line.substr(0, equals)));
  const auto value = std::string(trimmed(line.substr(equals + 1)));
  if (whose_ == Whose::Unknown) {  // it may be the misspelt [local]
    local_is_doubtful_ |= name == "path";
    return;
  }
  if (whose_ == Whose::Everybodys) return set_shared(name, value);
  const auto set = set_option(config_, section_, name, value);
  if (!set) return wrong(set.error().text);
  has_path_ |= section_ == "local" && name == "path";
}

// In [local], for an account with a name.
void ConfigReader::set_shared(const std::string& name, const std::string& value) {
  if (name != "path") {
    if (names_.front().empty()) return;  // there is an account that it belongs to
    return wrong("[local] is nobody's here but for path: write [local NAME] for " + name);
  }
  if (has_path_) return;
  if (const auto set = set_option(config_, "local", name, value); !set) return wrong(set.error().text);
}

void ConfigReader::begin_section(std::string_view line) {
  whose_ = Whose::Unknown;
  const auto section = section_of(line);
  if (!section) return wrong("a section is written [name]");
  const auto& [kind, name] = *section;
  if (!name.empty() && (kind == "local" || kind == "remote" || kind == "account"))
    return begin_named(kind, name, kind == "account" ? "" : kind);
  if (!name.empty() || (!kind.empty() && kind != "local" && kind != "remote"))
    return wrong("there is no section [" + kind + (name.empty() ? "" : " " + name) + "]" +
                 (kind == "account" ? "; it is written [account NAME]" : nearest(kind, {"local", "remote"})));
  if (kind.empty()) {
    whose_ = Whose::Ours;
    section_.clear();
    return;
  }
  if (!name_.empty()) {
    whose_ = kind == "local" ? Whose::Everybodys : Whose::Others;
    section_ = kind;
    return;
  }
  begin_named(kind, name, kind);
}

void ConfigReader::begin_named(const std::string& kind, const std::string& name, const std::string& section) {
  whose_ = name == name_ ? Whose::Ours : Whose::Others;
  section_ = section;
  if (whose_ == Whose::Others) return;
  has_remote_ |= kind == "remote";
  if (begun_.insert(kind).second) return;
  const auto shown = name.empty() ? kind : kind + " " + name;
  wrong("a second [" + shown + "]; two accounts in one file are written [local NAME] and [remote NAME], each with a " +
        "name of its own, or each account in a file accounts/NAME.conf beside " + config_.file.filename().string());
}

void ConfigReader::wrong(const std::string& what) {
  local_is_doubtful_ |= section_ == "local" && whose_ != Whose::Unknown;
  if (error_) return;
  error_ = base::Refusal{base::Reason::Configuration,
                         config_.file.string() + ", line " + std::to_string(number_) + ": " + what};
}

}  // namespace mirror
