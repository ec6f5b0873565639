// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/cli/ask_owner.h"

#include <sysexits.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "store/owner/control_socket.h"
#include "store/owner/owner_process.h"
#include "sync/caller_environment.h"
#include "sync/engine/command_door.h"

namespace mirror {

namespace {

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
      case 'b': output.say_beside(line.substr(1)); break;
      case 'p':
        if (const auto report = report_of(std::string_view(line).substr(1))) output.show_progress(*report);
        break;
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

std::string request_for(const OwnersCommand& command) {
  const auto& words = command.words;
  auto spoken = environment_of_caller();
  spoken.insert(spoken.end(), {command.config.string(), command.account.name, words.command});
  spoken.insert(spoken.end(), words.arguments.begin(), words.arguments.end());
  return store::request_line("RUN", spoken);
}

constexpr const char* kNoImapd =
    "imapd is neither installed with postern, nor beside it, nor is postern-imapd in $PATH";

}  // namespace

int serve_in_place(const Config& config, CommandOutput& output, bool shows_wire) {
  const auto imapd = find_imapd();
  if (imapd.empty()) {
    output.complain(kNoImapd);
    return EX_UNAVAILABLE;
  }
  ::execl(imapd.c_str(), imapd.c_str(), "--wait", "--config", config.file.c_str(), shows_wire ? "--debug" : nullptr,
          nullptr);
  output.complain(imapd.string() + " cannot be run: " + std::generic_category().message(errno));
  return EX_UNAVAILABLE;
}

std::optional<int> ask_the_watcher(const OwnersCommand& command, CommandOutput& output) {
  const auto watcher = store::connect_control_socket(command_door_path(command.account));
  if (!watcher || !store::send_request(watcher->get(), request_for(command), {})) return std::nullopt;
  char answer = 0;
  ssize_t n = 0;
  do n = ::read(watcher->get(), &answer, 1);
  while (n < 0 && errno == EINTR);
  if (n == 1 && answer == 'V') {
    output.complain("another version of postern keeps " + command.account.name + " the same; end or restart it first");
    return EX_TEMPFAIL;
  }
  if (n != 1 || answer != 'K') return std::nullopt;  // it has just ended
  if (const auto code = listen_to(watcher->get(), output)) return *code;
  output.complain("the process that keeps " + command.account.name + " the same has ended in the middle of it");
  return EX_TEMPFAIL;
}

int ask_the_owner(const OwnersCommand& command, CommandOutput& output) {
  const auto imapd = find_imapd();
  if (imapd.empty()) {
    output.complain(kNoImapd);
    return EX_UNAVAILABLE;
  }
  // An owner that is started for this alone leaves soon after.
  const store::OwnerStart start{imapd,
                                std::filesystem::absolute(command.account.local.path).lexically_normal(),
                                {"--idle-exit", "0", "--config", command.config.string()}};
  const auto control = store::ask_owner(start, request_for(command), {});
  if (!control) return control.error();
  const auto code = listen_to(control->get(), output);
  if (code) return *code;
  output.complain("imapd has ended in the middle of it; the next pass goes on from there");
  return EX_TEMPFAIL;
}

}  // namespace mirror
