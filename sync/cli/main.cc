// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <sys/stat.h>
#include <sysexits.h>

#define CXXOPTS_NO_REGEX  // making its expressions takes longer than reading the command line
#include <cxxopts.hpp>

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <optional>

#include "sync/cli/commands.h"
#include "sync/cli/interimap.h"

namespace {

bool gives_json(const std::string& command) {
  return mirror::gives_objects(command) || command == "doctor" || command == "removed" || command == "why";
}

int misused(const std::string& text) {
  mirror::complain({base::Reason::Usage, text});
  std::fprintf(stderr, "Try postern --help.\n");
  return EX_USAGE;
}

int run(const mirror::CommandLine& line) {
  const auto& command = line.words.command;
  if (mirror::wants_json(line.words.arguments) && !gives_json(command)) return misused(command + " does not give JSON");
  if (command == "help") return mirror::help_command(line);
  if (command == "watch") return mirror::watch_command(line);
  const bool account = mirror::is_account_command(command);
  if (!account && command != "doctor" && command != "init") return misused("there is no command " + command);
  const std::size_t most = line.init.from == "dovecot" ? 2 : 1;
  if (command == "init" && line.words.arguments.size() > most)
    return misused("init takes no argument such as " + line.words.arguments[most]);
  if (account) return mirror::account_command(line);
  return command == "doctor" ? mirror::doctor_command(line) : mirror::init_command(line);
}

// The command, and its arguments: names, and the options that are its own.
mirror::Words words_of(const cxxopts::ParseResult& given, const std::vector<std::string>& words) {
  mirror::Words out;
  out.command = given.count("dry-run") != 0 && words.front() == "sync" ? "plan" : words.front();
  out.arguments.assign(words.begin() + 1, words.end());
  for (const char* option : {"json", "all", "repair"})
    if (given.count(option) != 0) out.arguments.push_back(std::string("--") + option);
  if (given.count("since") != 0)
    out.arguments.insert(out.arguments.end(), {"--since", given["since"].as<std::string>()});
  if (given.count("seconds") != 0)
    out.arguments.insert(out.arguments.end(), {"--seconds", given["seconds"].as<std::string>()});
  return out;
}

// Under InterIMAP's name, or as `postern [OPTION…] interimap`, where the options before it are postern's.
std::optional<int> run_as_interimap(const std::vector<std::string>& words) {
  if (!words.empty() && std::filesystem::path(words.front()).filename() == "interimap")
    return mirror::interimap_command({words.begin() + 1, words.end()});
  std::vector<std::string> out;
  std::size_t at = 1;
  for (; at < words.size() && words[at].starts_with('-'); ++at) {
    const bool config = words[at] == "--config";
    if (config && at + 1 == words.size()) return std::nullopt;
    if (config || words[at].starts_with("--config="))
      out.push_back("--config=" + std::filesystem::absolute(config ? words[++at] : words[at].substr(9)).string());
    else if (words[at] != "-v" && words[at] != "--verbose")
      out.push_back(words[at]);
  }
  if (at >= words.size() || words[at] != "interimap") return std::nullopt;
  out.insert(out.end(), words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end());
  return mirror::interimap_command(out);
}

void add_options(cxxopts::Options& parser) {
  parser.add_options()("config", "the configuration (default: $XDG_CONFIG_HOME/postern/config)",
                       cxxopts::value<std::string>(), "FILE")("q,quiet", "say nothing but errors")(
      "v,verbose", "show what is done")("debug", "the same, and what goes over the wire, without passwords")(
      "yes", "delete, sync, init: do not ask")("dry-run", "sync: only say what would be done")(
      "json", "sync, plan, status, list, verify, doctor, removed, why: as JSON")(
      "since", "undo: what was removed since then", cxxopts::value<std::string>(), "TIME")(
      "seconds", "trace: for how long", cxxopts::value<std::string>(), "N")(
      "all", "verify: read texts again that were compared before")("repair", "verify: make right what can be")(
      "from", "init: another tool's configuration (mbsync, offlineimap, interimap, dovecot)",
      cxxopts::value<std::string>(),
      "TOOL")("user", "init: the user name there", cxxopts::value<std::string>(), "NAME")(
      "password-command", "init: a command that prints the password", cxxopts::value<std::string>(), "COMMAND")(
      "store", "init: where the local mail is", cxxopts::value<std::string>(), "DIR")(
      "account", "init: write accounts/NAME.conf, one account more", cxxopts::value<std::string>(), "NAME")(
      "version", "print the version")("h,help", "print this");
}

mirror::InitOptions init_options(const cxxopts::ParseResult& given) {
  mirror::InitOptions out;
  for (const auto& [name, value] : {std::pair("from", &out.from),
                                    {"user", &out.user},
                                    {"password-command", &out.password_command},
                                    {"store", &out.store},
                                    {"account", &out.account}})
    if (given.count(name) != 0) *value = given[name].as<std::string>();
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  ::umask(077);
  ::signal(SIGPIPE, SIG_IGN);
  if (const auto code = run_as_interimap({argv, argv + argc})) return *code;
  cxxopts::Options parser("postern", "Keeps a local mail store and a remote IMAP server the same.\n");
  parser.custom_help("[OPTION...] COMMAND [ARGUMENT...]");
  parser.positional_help("");
  add_options(parser);
  parser.add_options("hidden")("words", "", cxxopts::value<std::vector<std::string>>());
  parser.parse_positional("words");
  const std::vector<std::string> all(argv + 1, argv + argc);
  if (mirror::wants_json(all)) mirror::say_errors_as_json("");  // the command is not known yet
  try {
    const auto given = parser.parse(argc, argv);
    std::vector<std::string> words;
    if (given.count("words") != 0) words = given["words"].as<std::vector<std::string>>();
    if (given.count("help") != 0 || words == std::vector<std::string>{"help"}) {
      std::cout << parser.help({""}) << mirror::command_list();
      return 0;
    }
    if (given.count("version") != 0) {
      std::cout << mirror::version_text();
      return 0;
    }
    mirror::CommandLine line;
    if (given.count("config") != 0) line.config = given["config"].as<std::string>();
    line.quiet = given.count("quiet") != 0;
    line.debug = given.count("debug") != 0;
    line.verbose = line.debug || given.count("verbose") != 0;
    line.yes = given.count("yes") != 0;
    line.init = init_options(given);
    if (words.empty()) {
      std::fprintf(stderr, "%s%s", parser.help({""}).c_str(), mirror::command_list().c_str());
      return EX_USAGE;
    }
    line.words = words_of(given, words);
    if (mirror::wants_json(all)) mirror::say_errors_as_json(line.words.command);
    return run(line);
  } catch (const cxxopts::exceptions::exception& error) {
    return misused(error.what());
  } catch (const std::exception& error) {
    mirror::complain({base::Reason::Failed, error.what()});
    return EX_SOFTWARE;
  }
}
