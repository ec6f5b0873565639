// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Long options have whole names, and a value behind '=' or in the next word; short ones may stand together (-qh). All
// this, and which options go together, is found out by running interimap (docs/interimap.md).
#include "sync/interimap/command_line.h"

#include <algorithm>
#include <cstdlib>

#include "proto/base/version.h"
#include "proto/flags.h"

namespace mirror {

namespace {

constexpr const char* kUsage =
    "Usage: interimap [OPTIONS] [COMMAND] [MAILBOX [..]]\n"
    "Try 'interimap --help' or man postern.\n";
constexpr const char* kHelp =
    "Usage: interimap [OPTIONS] [MAILBOX [..]]\n"
    "  or: interimap [OPTIONS] --repair [MAILBOX [..]]\n"
    "  or: interimap [OPTIONS] --delete MAILBOX [..]\n"
    "  or: interimap [OPTIONS] --rename SOURCE DEST\n"
    "Options: --config=FILE, --target={local,remote,database}, --watch[=SECONDS], --notify,\n"
    "  -q or --quiet, --debug, -h or --help, --version. This is Postern: man postern, man interimap.\n";

constexpr int kInvalid = 255;  // a value that is wrong; 1: the usage

constexpr std::chrono::seconds kInterval{60}, kIntervalNotified{900};

enum class Value : std::uint8_t { None, Text, OptionalNumber };

struct Option {
  const char* name;
  Value value;
};

constexpr Option kOptions[] = {
    {"config", Value::Text}, {"quiet", Value::None},   {"target", Value::Text}, {"debug", Value::None},
    {"help", Value::None},   {"version", Value::None}, {"notify", Value::None}, {"watch", Value::OptionalNumber},
    {"repair", Value::None}, {"delete", Value::None},  {"rename", Value::None}};

bool is_number(const std::string& text) {
  const auto digits = text.starts_with('-') || text.starts_with('+') ? text.substr(1) : text;
  return !digits.empty() && digits.find_first_not_of("0123456789") == std::string::npos;
}

class Reader {
 public:
  explicit Reader(const std::vector<std::string>& words) : words_(words) {}

  std::expected<InterImapLine, InterImapAnswer> run() {
    std::size_t at = 0;
    while (at < words_.size() && words_[at].starts_with('-') && words_[at] != "-") {
      const auto& word = words_[at++];
      if (word == "--") break;
      if (word.starts_with("--"))
        take_long(word.substr(2), at);
      else
        for (const char c : word.substr(1)) take_short(c);
    }
    line_.mailboxes.assign(words_.begin() + static_cast<std::ptrdiff_t>(at), words_.end());
    if (asks_version_) return std::unexpected(InterImapAnswer{0, version(), ""});
    if (!complaints_.empty()) return std::unexpected(InterImapAnswer{1, "", complaints_ + kUsage});
    if (asks_help_) return std::unexpected(InterImapAnswer{0, "", kHelp});
    return finish();
  }

 private:
  static std::string version() { return std::string("interimap (postern ") + base::version() + ")\n"; }

  void complain(const std::string& what) { complaints_ += what + "\n"; }

  void take_short(char c) {
    if (c == 'q')
      line_.quiet = true;
    else if (c == 'h')
      asks_help_ = true;
    else
      complain(std::string("Unknown option: ") + c);
  }

  void take_long(const std::string& text, std::size_t& at) {
    const auto equals = text.find('=');
    const auto name = text.substr(0, equals);
    const auto option = std::ranges::find(kOptions, name, [](const Option& one) { return std::string(one.name); });
    if (option == std::end(kOptions)) return complain("Unknown option: " + name);
    std::optional<std::string> value;
    if (equals != std::string::npos) value = text.substr(equals + 1);
    if (option->value == Value::None && value) return complain("Option " + name + " does not take an argument");
    if (option->value == Value::Text && !value) {
      if (at == words_.size()) return complain("Option " + name + " requires an argument");
      value = words_[at++];
    }
    if (option->value == Value::OptionalNumber && !value && at < words_.size() && is_number(words_[at]))
      value = words_[at++];
    set(name, value.value_or(""));
  }

  void set(const std::string& name, const std::string& value) {
    using Command = InterImapLine::Command;
    if (name == "config") line_.config = value;
    if (name == "target") targets_.push_back(value);
    if (name == "quiet") line_.quiet = true;
    if (name == "notify") line_.notify = true;
    if (name == "debug") ++line_.debug;
    if (name == "help") asks_help_ = true;
    if (name == "version") asks_version_ = true;
    if (name == "watch") set_watch(value);
    for (const auto& [word, command] :
         {std::pair("repair", Command::Repair), {"delete", Command::Delete}, {"rename", Command::Rename}})
      if (name == word) commands_.insert(command);
  }

  void set_watch(const std::string& value) {
    if (!value.empty() && !is_number(value))
      return complain("Value \"" + value + "\" invalid for option watch (number expected)");
    if (value.size() > 9 || value.starts_with('-')) return complain("--watch wants a number of seconds, not " + value);
    watches_ = true;
    watch_ = std::chrono::seconds(value.empty() ? 0 : std::stol(value));  // 0: the usual interval
  }

  std::expected<InterImapLine, InterImapAnswer> finish() {
    using Command = InterImapLine::Command;
    const auto usage = [](const std::string& why) {
      return std::unexpected(InterImapAnswer{1, "", why + "\n" + kUsage});
    };
    if (commands_.size() > 1) return usage("only one of --repair, --delete and --rename");
    if (!commands_.empty()) line_.command = *commands_.begin();
    const bool names = line_.command == Command::Delete || line_.command == Command::Rename;
    if (line_.command == Command::Delete && line_.mailboxes.empty()) return usage("--delete wants a mailbox");
    if (line_.command == Command::Rename && line_.mailboxes.size() != 2) return usage("--rename wants two names");
    if (!commands_.empty() && (watches_ || line_.notify)) return usage("--watch and --notify go with no other command");
    if (!targets_.empty() && !names) return usage("--target goes with --delete and --rename alone");
    if (watches_ || line_.notify)
      line_.watch = watch_.count() > 0 ? watch_ : line_.notify ? kIntervalNotified : kInterval;
    if (auto wrong = set_targets()) return std::unexpected(*wrong);
    for (auto& one : line_.mailboxes) {
      if (imap::equal_ignoring_case(one, "INBOX")) one = "INBOX";
      if (one.empty() || std::ranges::any_of(one, [](char c) { return c <= 0; }))
        return std::unexpected(
            InterImapAnswer{kInvalid, "", "Invalid mailbox name " + one + ": write it in modified UTF-7\n"});
    }
    return line_;
  }

  std::optional<InterImapAnswer> set_targets() {
    if (targets_.empty()) return std::nullopt;
    line_.targets.clear();
    for (const auto& given : targets_)
      for (std::size_t at = 0; at <= given.size();) {
        const auto end = std::min(given.find(',', at), given.size());
        const auto word = given.substr(at, end - at);
        at = end + 1;
        if (word == "local")
          line_.targets.insert(InterImapTarget::Local);
        else if (word == "remote")
          line_.targets.insert(InterImapTarget::Remote);
        else if (word == "database")
          line_.targets.insert(InterImapTarget::Database);
        else
          return InterImapAnswer{kInvalid, "", "Invalid target " + word + ": local, remote or database\n"};
      }
    return std::nullopt;
  }

  const std::vector<std::string>& words_;
  InterImapLine line_;
  std::set<InterImapLine::Command> commands_;
  std::vector<std::string> targets_;
  std::string complaints_;
  std::chrono::seconds watch_{0};
  bool asks_help_ = false, asks_version_ = false, watches_ = false;
};

}  // namespace

std::expected<InterImapLine, InterImapAnswer> parse_interimap_line(const std::vector<std::string>& words) {
  Reader reader(words);
  return reader.run();
}

std::filesystem::path interimap_config_file(const std::string& given) {
  const std::string name = given.empty() ? "config" : given;
  if (name.starts_with('/')) return name;
  const char* config = std::getenv("XDG_CONFIG_HOME");
  const char* home = std::getenv("HOME");
  const std::filesystem::path base = config != nullptr && *config == '/'
                                         ? std::filesystem::path(config)
                                         : std::filesystem::path(home != nullptr ? home : "/") / ".config";
  return base / "interimap" / name;
}

}  // namespace mirror
