// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <sysexits.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "proto/base/printable.h"
#include "store/owner/control_socket.h"
#include "store/owner/owner_process.h"
#include "sync/caller_environment.h"
#include "sync/cli/commands.h"

namespace mirror {

namespace {

class TerminalOutput final : public CommandOutput {
 public:
  explicit TerminalOutput(bool quiet) : quiet_(quiet), shows_(!quiet && ::isatty(STDERR_FILENO) != 0) {}
  ~TerminalOutput() override { clear(); }

  void say(const std::string& text) override {
    clear();
    if (!quiet_) std::printf("%s\n", base::printable(text).c_str());
  }
  void complain(const std::string& text) override {
    clear();
    std::fprintf(stderr, "postern: %s\n", base::printable(text).c_str());
  }
  void show_progress(const std::string& text) override {
    if (!shows_) return;
    std::fprintf(stderr, "\r\033[K%s", base::printable(text).c_str());
    shown_ = true;
  }

 private:
  void clear() {
    if (shown_) std::fputs("\r\033[K", stderr);
    shown_ = false;
  }
  bool quiet_, shows_, shown_ = false;
};

// What the owner says (store/owner/control_socket.h), line by line. Its exit code; nullopt: it has ended before.
std::optional<int> listen_to(int control, CommandOutput& output) {
  std::string text;
  char buffer[4096];
  for (;;) {
    const auto end = text.find('\n');
    if (end == std::string::npos) {
      const auto n = ::read(control, buffer, sizeof buffer);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return std::nullopt;
      text.append(buffer, static_cast<std::size_t>(n));
      continue;
    }
    const auto line = text.substr(0, end);
    text.erase(0, end + 1);
    if (line.empty()) continue;
    switch (line.front()) {
      case 'o': output.say(line.substr(1)); break;
      case 'e': output.complain(line.substr(1)); break;
      case 'p': output.show_progress(line.substr(1)); break;
      case 'x': return std::atoi(line.c_str() + 1);
      default: break;
    }
  }
}

// Where it is installed, else beside this program, else postern-imapd where $PATH has it: what is called imapd there
// may be another server's. POSTERN_IMAPD names another one.
std::filesystem::path find_imapd() {
  if (const char* named = std::getenv("POSTERN_IMAPD"); named != nullptr && *named != 0) return named;
  std::error_code error;
  const auto here = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  for (const auto& candidate : {here.parent_path() / POSTERN_LIBEXECDIR / "postern" / "imapd", here / "imapd"})
    if (!error && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "";
  while (!rest.empty()) {
    const auto end = std::min(rest.find(':'), rest.size());
    const auto candidate = std::filesystem::path(rest.substr(0, end)) / "postern-imapd";
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

int ask_the_owner(const Config& config, const Words& words, CommandOutput& output) {
  const auto imapd = find_imapd();
  if (imapd.empty()) {
    output.complain("imapd is neither installed with postern, nor beside it, nor is postern-imapd in $PATH");
    return EX_UNAVAILABLE;
  }
  auto spoken = environment_of_caller();
  spoken.insert(spoken.end(), {config.file.string(), words.command});
  spoken.insert(spoken.end(), words.arguments.begin(), words.arguments.end());
  // An owner that is started for this alone leaves soon after.
  const store::OwnerStart start{imapd,
                                std::filesystem::absolute(config.local.path).lexically_normal(),
                                {"--idle-exit", "0", "--config", config.file.string()}};
  const auto control = store::ask_owner(start, store::request_line("RUN", spoken), {});
  if (!control) return control.error();
  const auto code = listen_to(control->get(), output);
  if (code) return *code;
  output.complain("imapd has ended in the middle of it; the next pass goes on from there");
  return EX_TEMPFAIL;
}

int run_here(const Config& config, const Words& words, CommandOutput& output) {
  int code = EX_SOFTWARE;
  try {
    Account account(config, nullptr, base::Log());
    const auto work = [&]() -> asio::awaitable<void> { code = co_await run_command(account, words, output); };
    run_to_end(work(), account.workers());
  } catch (const Failure& failure) {
    output.complain(failure.what());
    return exit_code_of(failure.reason);
  }
  return code;
}

int run(const Config& config, const Words& words, bool quiet) {
  TerminalOutput output(quiet);
  if (config.local.type == ServerConfig::Type::Store) return ask_the_owner(config, words, output);
  return run_here(config, words, output);
}

// Mail goes only after a yes: here, where the terminal is, and not where the mailboxes are.
int delete_with_consent(const Config& config, const CommandLine& line) {
  auto words = line.words;
  words.arguments.insert(words.arguments.begin(), "tell");
  const int code = line.yes ? 0 : run(config, words, false);
  if (code != 0 && code != kWantsConsent) return code;
  if (code == kWantsConsent) {
    if (::isatty(STDIN_FILENO) == 0) {
      std::fprintf(stderr, "postern: nothing was deleted; --yes says that all this is to go\n");
      return EX_USAGE;
    }
    std::fprintf(stderr, "Delete all this for good? [y/N] ");
    const int answer = std::getchar();
    if (answer != 'y' && answer != 'Y') {
      std::fprintf(stderr, "postern: nothing was deleted\n");
      return 1;
    }
  }
  words.arguments.front() = kDo;
  return run(config, words, line.quiet);
}

}  // namespace

int account_command(const CommandLine& line) {
  const auto config = configuration(line);
  if (!config) return complain(config.error());
  if (line.words.command == "delete") return delete_with_consent(*config, line);
  return run(*config, line.words, line.quiet);
}

}  // namespace mirror
