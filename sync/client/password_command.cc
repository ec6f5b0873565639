// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/client/password_command.h"

#include <asio/buffer.hpp>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "proto/transport/deadline.h"
#include "proto/transport/dial.h"
#include "sync/replica.h"

namespace mirror {

namespace {

constexpr std::size_t kPasswordOctets = 64 * 1024;

// What a password-command printed, on both of its outputs, and how it ended.
struct CommandEnd {
  std::string out, errors;
  int status = -1;  // -1: not known
};

// The shell says at the end, behind an octet that no password holds, the status and what came on standard error. The
// command is evaluated within, so that what the shell says of a quote that is never closed is told too.
std::string with_its_end(const std::string& command) {
  std::string quoted;
  for (const char c : command) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return "exec 3>&1; errors=$( ( eval '" + quoted + "' ) 2>&1 1>&3 3>&- ); printf '\\001%d %s' \"$?\" \"$errors\"";
}

CommandEnd parse_end(std::string text) {
  CommandEnd out;
  const auto end = text.rfind('\1');
  if (end == std::string::npos) return out;
  out.out = text.substr(0, std::min(text.find('\n'), end));
  const auto space = std::min(text.find(' ', end), text.size());
  out.status = std::atoi(text.substr(end + 1, space - end - 1).c_str());
  out.errors = text.substr(std::min(space + 1, text.size()));
  for (char& c : out.errors)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return out;
}

// The first line that the command prints. It may wait for a person, and holds up nobody else. What a command printed
// that failed is an explanation, and no password.
asio::awaitable<base::Secret> run(const ServerConfig& config, const std::vector<std::string>& environment) {
  const auto executor = co_await asio::this_coro::executor;
  const auto output = transport::dial_tunnel(executor, with_its_end(config.password_command), false, true, environment);
  const transport::Deadline deadline(*output, config.password_timeout);
  std::string text;
  char buffer[4096];
  bool broken = false;
  while (text.size() < kPasswordOctets && !broken) {
    try {
      const auto n = co_await output->read_some(asio::buffer(buffer));
      if (n == 0) break;
      text.append(buffer, n);
    } catch (const std::system_error&) {
      broken = true;
    }
  }
  const auto end = parse_end(std::move(text));  // cut off: without a status
  const auto refuse = [&](const std::string& why) {
    throw Failure(base::Reason::Configuration, "[" + config.section + "] password-command gave no password" + why);
  };
  if (deadline.has_passed())
    refuse(" in " + std::to_string(config.password_timeout.count()) + " seconds (password-timeout)");
  if (end.status != 0)
    refuse((end.status > 0 ? ": it ended with status " + std::to_string(end.status) : std::string()) +
           (end.errors.empty() ? "" : ", and said: " + end.errors));
  if (end.out.empty()) refuse(end.errors.empty() ? "" : "; it said: " + end.errors);
  co_return base::Secret(end.out);
}

}  // namespace

asio::awaitable<base::Secret> GivenPassword::get(const ServerConfig& config) {
  while (!password_ && asking_) {
    const auto event = asking_;
    asio::error_code ignored;
    co_await event->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  if (password_) co_return *password_;
  const auto executor = co_await asio::this_coro::executor;
  // Also where this coroutine is ended while the command waits.
  struct Asking {
    explicit Asking(std::shared_ptr<asio::steady_timer>& e) : event(e) {}
    ~Asking() { std::exchange(event, nullptr)->cancel(); }
    std::shared_ptr<asio::steady_timer>& event;
  };
  asking_ = std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
  const Asking asking(asking_);
  auto password = co_await run(config, environment);
  password_ = password;
  co_return password;
}

void GivenPassword::forget(const base::Secret& refused) {
  if (password_ == refused) password_.reset();
}

}  // namespace mirror
