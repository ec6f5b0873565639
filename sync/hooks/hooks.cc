// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/hooks/hooks.h"

#include <system_error>
#include <utility>

#include "proto/base/printable.h"
#include "proto/transport/run_command.h"

namespace mirror {

namespace {

constexpr std::size_t kSaid = 200;  // characters of a hook's last words

std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  const auto line = text.rfind('\n');
  return base::shortened(base::printable(line == std::string::npos ? text : text.substr(line + 1)), kSaid);
}

template <class News>
void gather(News& news, const News& later) {
  news.add(later);
}
void gather(ProblemNews& news, const ProblemNews& later) { add(news, later); }

}  // namespace

void Hooks::DesktopNews::add(const DesktopNews& later) {
  mail.add(later.mail);
  mirror::add(problems, later.problems);
}

template <class News>
void Hooks::put(Slot<News>& slot, const News& news, asio::awaitable<void> (Hooks::*run)()) {
  if (slot.waiting)
    gather(*slot.waiting, news);
  else
    slot.waiting = news;
  if (std::exchange(slot.running, true)) return;
  ++running_;
  spawn_((this->*run)());
}

void Hooks::tell(const Config& config, const PassResult& result, const ProblemNews& problems) {
  commands_ = config.hooks;
  account_ = {config.name, config.local.list_reference};
  const auto mail = commands_.wants_arrivals() ? new_mail_of(result) : NewMail();
  if (!commands_.on_new.empty() && mail.count > 0) put(new_, mail, &Hooks::run_new);
  if (!commands_.on_change.empty() && result.counts.any()) put(change_, change_of(result), &Hooks::run_change);
  if (!commands_.on_problem.empty() && problems.any()) put(problem_, problems, &Hooks::run_problem);
  if (commands_.desktop && (mail.count > 0 || problems.any()))
    put(desktop_, DesktopNews{mail, problems}, &Hooks::run_desktop);
}

void Hooks::ended() {
  if (--running_ == 0 && on_quiet) on_quiet();
}

asio::awaitable<void> Hooks::run_new() {
  const auto self = shared_from_this();
  while (const auto news = std::exchange(new_.waiting, std::nullopt))
    co_await run("on-new", commands_.on_new, json_of(account_, *news));
  new_.running = false;
  ended();
}

asio::awaitable<void> Hooks::run_change() {
  const auto self = shared_from_this();
  while (const auto news = std::exchange(change_.waiting, std::nullopt))
    co_await run("on-change", commands_.on_change, json_of(account_, *news));
  change_.running = false;
  ended();
}

asio::awaitable<void> Hooks::run_problem() {
  const auto self = shared_from_this();
  while (const auto news = std::exchange(problem_.waiting, std::nullopt))
    if (news->any()) co_await run("on-problem", commands_.on_problem, json_of(account_, *news));
  problem_.running = false;
  ended();
}

asio::awaitable<void> Hooks::run_desktop() {
  const auto self = shared_from_this();
  while (const auto news = std::exchange(desktop_.waiting, std::nullopt)) {
    const auto mail = desktop_note(account_, news->mail), problems = desktop_note(account_, news->problems);
    if (!mail.empty()) co_await run("notify-send", notify_send(mail), "");
    if (!problems.empty()) co_await run("notify-send", notify_send(problems), "");
  }
  desktop_.running = false;
  ended();
}

// The command is not logged: it may hold what is nobody's business.
asio::awaitable<void> Hooks::run(const char* hook, std::string command, std::string input) {
  if (command.empty()) co_return;  // it was taken out of the configuration meanwhile
  transport::CommandRun run{.command = std::move(command), .input = std::move(input)};
  run.patience = commands_.timeout;
  run.output_octets = 0;
  try {
    const auto end = co_await transport::run_command(std::move(run));
    const auto said = last_line(end.errors);
    if (end.late)
      log_.warning("a hook took too long, and was ended", {{"hook", hook}, {"said", said}});
    else if (!end.status)
      log_.warning("a hook was ended by a signal", {{"hook", hook}, {"said", said}});
    else if (*end.status != 0)
      log_.warning("a hook failed", {{"hook", hook}, {"status", *end.status}, {"said", said}});
  } catch (const std::system_error& error) {
    log_.warning("a hook cannot be run", {{"hook", hook}, {"why", error.code().message()}});
  }
}

}  // namespace mirror
