// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern interimap …, and this program under the name interimap: InterIMAP's command line, its configuration file, its
// exit codes (docs/interimap.md tells each and every difference).
// 1. Between two foreign servers everything is done here. Where [local] is the built-in store, its owner does it.
// 2. SIGTERM ends it with 0, SIGINT with 1, SIGHUP as any program: whatever is under way may be cut off anywhere.
#include "sync/cli/interimap.h"

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>

#include <unistd.h>

#include "proto/base/files.h"
#include "proto/base/printable.h"
#include "sync/cli/ask_owner.h"
#include "sync/cli/commands.h"
#include "sync/cli/hooks_here.h"
#include "sync/cli/output.h"
#include "sync/client/connect.h"
#include "sync/client/wire_trace.h"
#include "sync/config/log_prefix.h"
#include "sync/engine/watch_servers.h"
#include "sync/interimap/command_line.h"

namespace mirror {

namespace {

using Command = InterImapLine::Command;

constexpr int kNoConfig = 2, kWrongConfig = 255;  // what interimap(1) ends with
constexpr std::chrono::seconds kGrace{3};
constexpr const char* kDefaultPrefix = "%?n?%?m?%n(%m)&%n?: ?";

// Two foreign servers and what is to be done with them.
struct Work {
  Config config;
  InterImapLine line;
};

int code_of(int code) { return code == 0 ? 0 : 1; }

int refuse(const base::Refusal& why) {
  complain(why);
  return kWrongConfig;
}

base::Result<void> set_up_log(const Config& config, const InterImapLine& line) {
  set_wire_trace(line.debug == 0 ? WireTrace::Off : line.debug == 1 ? WireTrace::Redacted : WireTrace::Whole);
  base::set_log_level(line.debug > 0 ? base::LogLevel::Debug : base::LogLevel::Error);
  set_log_prefix(config.log_prefix.value_or(kDefaultPrefix));
  if (config.logfile.empty()) return {};
  try {
    base::make_directories(std::filesystem::absolute(config.logfile).parent_path());
    base::set_log_file(config.logfile);
  } catch (const std::system_error& error) {
    return base::refuse(base::Reason::Configuration,
                        "the logfile " + config.logfile + " cannot be written: " + error.code().message());
  }
  if (line.debug == 0) base::set_log_level(base::LogLevel::Info);
  return {};
}

asio::awaitable<std::optional<char>> delimiter_of(const ServerConfig& server) {
  auto connected = co_await connect(server, {.log = base::Log().with({"side", server.section})});
  std::optional<char> out;
  imap::ListCommand list;
  list.patterns = {""};
  co_await connected.client->execute(list, [&](imap::Response& response) {
    if (const auto* entry = std::get_if<imap::ListResponse>(&response)) out = entry->delimiter;
  });
  co_await connected.client->log_out();
  co_return out;
}

// As a person writes it: UTF-8 with '/' between the components.
std::string shown_name(const std::string& given, std::optional<char> delimiter) {
  auto out = imap::decode_modified_utf7(given).value_or(given);
  if (delimiter) std::ranges::replace(out, *delimiter, '/');
  return out;
}

Words words_for(const InterImapLine& line, const std::vector<std::string>& names) {
  Words out;
  if (line.command == Command::Synchronise || line.command == Command::Repair) {
    out = {"sync", {"--yes"}};
    if (line.command == Command::Repair) out.arguments.push_back("--repair");
  } else {
    out.command = line.command == Command::Delete ? "delete" : "rename";
    if (line.command == Command::Delete) out.arguments.push_back(kDo);
    for (const auto& [target, word] : {std::pair(InterImapTarget::Local, "--target=local"),
                                       {InterImapTarget::Remote, "--target=remote"},
                                       {InterImapTarget::Database, "--target=database"}})
      if (line.targets.contains(target)) out.arguments.push_back(word);
  }
  out.arguments.insert(out.arguments.end(), names.begin(), names.end());
  return out;
}

// What passes have to say that the one before has not said.
class News {
 public:
  explicit News(CommandOutput& output) : output_(output) {}

  void tell(const PassResult& result) {
    for (const auto& sentence : result.told) output_.say(sentence);
    for (const auto& problem : result.problems)
      if (std::ranges::find(problems_, problem) == problems_.end()) output_.complain(problem);
    problems_ = result.problems;
    const auto end = result.end ? result.end->text : std::string();
    if (result.end && end != end_) output_.complain(result.summary());
    if (!result.end && (result.counts.any() || !end_.empty())) output_.say(result.summary());
    end_ = end;
    std::fflush(stdout);
  }

 private:
  CommandOutput& output_;
  std::vector<std::string> problems_;
  std::string end_;  // why the last pass could not go on
};

// The mailboxes of a command line stand for list-mailbox, with wildcards, and nothing is ignored then.
void limit(Config& config, const std::vector<std::string>& names) {
  if (names.empty()) return;
  config.list_mailbox.clear();
  for (auto name : names) {
    std::ranges::replace(name, '/', '\0');
    config.list_mailbox.push_back(std::move(name));
  }
  config.ignore_mailbox.clear();
}

asio::awaitable<int> once(Work& work, Account& account, CommandOutput& output, const std::vector<std::string>& names) {
  const bool synchronises = work.line.command == Command::Synchronise || work.line.command == Command::Repair;
  const auto words = words_for(work.line, synchronises ? std::vector<std::string>() : names);
  const auto executor = co_await asio::this_coro::executor;
  HooksHere hooks(executor, account);
  const int code = co_await run_command(account, words, output);
  co_await hooks.ended();
  co_return code;
}

asio::awaitable<int> between_servers(Work& work, std::shared_ptr<WatchServers>& watch, CommandOutput& output) {
  const auto executor = co_await asio::this_coro::executor;
  std::optional<char> delimiter;
  if (!work.line.mailboxes.empty()) delimiter = co_await delimiter_of(work.config.local);
  std::vector<std::string> names;
  for (const auto& one : work.line.mailboxes) names.push_back(shown_name(one, delimiter));
  auto config = work.config;
  if (work.line.command == Command::Synchronise || work.line.command == Command::Repair) limit(config, names);
  Account account(config, nullptr, base::Log());
  if (!work.line.watch) co_return co_await once(work, account, output, names);
  HooksHere hooks(executor, account);
  News news(output);
  watch = std::make_shared<WatchServers>(executor, account, WatchRules{*work.line.watch, work.line.notify},
                                         [&news](const PassResult& result) { news.tell(result); });
  const int code = co_await watch->run();
  watch = nullptr;
  co_await hooks.ended();
  co_return code;
}

[[noreturn]] void leave(int code) {
  std::fflush(nullptr);
  ::_exit(code);
}

// SIGTERM and SIGINT end it at once where it works once; where it watches, what is under way is told to end first.
[[noreturn]] void run_here(Work work) {
  TerminalOutput output(work.line.quiet);
  std::shared_ptr<WatchServers> watch;
  std::optional<int> told_to_end;  // with this code
  asio::io_context io{1};
  asio::signal_set signals(io, SIGINT, SIGTERM);
  asio::steady_timer grace(io);
  signals.async_wait([&](asio::error_code error, int signal) {
    if (error) return;
    told_to_end = signal == SIGTERM ? 0 : 1;
    if (!watch) leave(*told_to_end);
    grace.expires_after(kGrace);
    grace.async_wait([&](asio::error_code) { leave(*told_to_end); });
    watch->stop();
  });
  asio::co_spawn(io, between_servers(work, watch, output), [&](std::exception_ptr fault, int ended) {
    if (told_to_end) leave(*told_to_end);
    try {
      if (fault) std::rethrow_exception(fault);
    } catch (const std::exception& error) {
      output.complain(error.what());
      leave(1);
    }
    leave(code_of(ended));
  });
  io.run();
  leave(1);
}

int ask_once(const Config& config, const InterImapLine& line, TerminalOutput& output) {
  std::vector<std::string> names;
  for (const auto& one : line.mailboxes) names.push_back(shown_name(one, '/'));
  auto words = words_for(line, names);
  if (line.debug > 0) words.arguments.push_back("--debug");  // what the owner does is shown here
  return code_of(ask_the_owner({config.file, config, std::move(words)}, output));
}

// The owner of the store is asked at intervals, or runs in this process's place and hears of both sides by itself.
int with_store(const Config& config, const InterImapLine& line) {
  TerminalOutput output(line.quiet);
  if (!line.watch) return ask_once(config, line, output);
  if (line.notify) return serve_in_place(config, output, line.debug > 0);
  std::signal(SIGTERM, [](int) { ::_exit(0); });
  std::signal(SIGINT, [](int) { ::_exit(1); });
  for (bool first = true;; first = false) {
    const int code = ask_once(config, line, output);
    if (first && code != 0) return code;
    std::fflush(stdout);
    ::sleep(static_cast<unsigned>(line.watch->count()));
  }
}

}  // namespace

int interimap_command(const std::vector<std::string>& words) {
  const auto line = parse_interimap_line(words);
  if (!line) {
    std::fputs(line.error().out.c_str(), stdout);
    std::fputs(line.error().err.c_str(), stderr);
    return line.error().code;
  }
  const auto file = interimap_config_file(line->config);
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    std::fprintf(stderr, "postern: no such configuration file: %s\n", base::printable(file.string()).c_str());
    return kNoConfig;
  }
  auto config = read_config(file);
  if (!config) return refuse(config.error());
  if (const auto set = set_up_log(*config, *line); !set) return refuse(set.error());
  if (const auto exposed = exposed_password(*config); !exposed.empty() && !line->quiet)
    std::fprintf(stderr, "postern: %s\n", base::printable(exposed).c_str());
  if (config->local.type == ServerConfig::Type::Store) return with_store(*config, *line);
  if (config->first_sync == FirstSync::Ask) config->first_sync = FirstSync::Both;  // as InterIMAP, and so is the next
  if (!config->merge_different) config->merge_different = true;
  run_here({std::move(*config), *line});
}

}  // namespace mirror
