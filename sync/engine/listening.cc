// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/engine/listening.h"

#include <sysexits.h>

#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include "proto/base/log_tap.h"
#include "proto/base/mutex.h"

namespace mirror {

namespace {

constexpr std::size_t kMostWaiting = 1024 * 1024;  // octets that are said and not read yet
constexpr std::chrono::milliseconds kLook{200};

}  // namespace

struct Listening::State {
  State(asio::any_io_executor e, CommandOutput& o, bool b) : executor(std::move(e)), output(&o), beside(b) {}

  void hear(const std::string& line) {
    if (output == nullptr) return;
    if (output->waiting() > kMostWaiting) {
      ++left_out;
      return;
    }
    if (const auto n = std::exchange(left_out, 0); n > 0)
      say("(" + std::to_string(n) + " lines were left out: they are not read fast enough)");
    say(line);
  }
  void say(const std::string& line) const { beside ? output->say_beside(line) : output->say(line); }

  asio::any_io_executor executor;
  CommandOutput* output;
  bool beside;
  std::uint64_t left_out = 0;
};

namespace {

// Those who listen to the log, from whatever thread it is written.
class LogListeners {
 public:
  void add(const std::shared_ptr<void>& owner, std::function<void(std::string)> hear) EXCLUDES(mutex_) {
    {
      const base::MutexLock lock(mutex_);
      all_.emplace_back(owner, std::move(hear));
    }
    base::set_log_tap([this](const std::string& line) { say(line); });
  }
  void remove_gone() EXCLUDES(mutex_) {
    bool none = false;
    {
      const base::MutexLock lock(mutex_);
      std::erase_if(all_, [](const auto& one) { return one.first.expired(); });
      none = all_.empty();
    }
    if (none) base::set_log_tap({});
  }

 private:
  void say(const std::string& line) EXCLUDES(mutex_) {
    if (line.find(" session=") != std::string::npos) return;
    const base::MutexLock lock(mutex_);
    for (const auto& [owner, hear] : all_)
      if (const auto alive = owner.lock()) hear(line);
  }

  base::Mutex mutex_;
  std::vector<std::pair<std::weak_ptr<void>, std::function<void(std::string)>>> all_ GUARDED_BY(mutex_);
};

LogListeners& log_listeners() {
  static LogListeners one;
  return one;
}

std::optional<std::chrono::seconds> seconds_of(const std::string& text) {
  unsigned out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || out == 0 || out > 1'000'000) return std::nullopt;
  return std::chrono::seconds(out);
}

bool take(std::vector<std::string>& words, const char* word) { return std::erase(words, word) > 0; }

}  // namespace

Listening::Listening(asio::any_io_executor executor, CommandOutput& output, bool beside)
    : state_(std::make_shared<State>(std::move(executor), output, beside)) {}

Listening::~Listening() {
  wire_ = nullptr;
  state_->output = nullptr;
  state_ = nullptr;
  log_listeners().remove_gone();
}

void Listening::to_wire(Tracing& tracing) {
  wire_ = tracing.listen([state = state_](const std::string& line) { state->hear(line); });
}

void Listening::to_log() {
  const std::weak_ptr<State> weak = state_;
  log_listeners().add(state_, [weak, executor = state_->executor](std::string line) {
    while (line.ends_with('\n')) line.pop_back();
    asio::post(executor, [weak, line = std::move(line)] {
      if (const auto state = weak.lock()) state->hear(line);
    });
  });
}

void listen_as_asked(Listening& listening, Tracing& tracing, std::vector<std::string>& words) {
  const bool verbose = take(words, "--verbose"), debug = take(words, "--debug");
  if (verbose || debug) listening.to_log();
  if (debug) listening.to_wire(tracing);
}

asio::awaitable<int> trace_command(Tracing& tracing, std::vector<std::string> words, CommandOutput& output,
                                   std::function<bool()> is_ending) {
  auto patience = std::chrono::steady_clock::duration::max();
  if (words.size() == 2 && words.front() == "--seconds") {
    const auto seconds = seconds_of(words.back());
    if (seconds) patience = *seconds;
    if (seconds) words.clear();
  }
  if (!words.empty()) {
    output.complain("trace takes an account, and --seconds with a number of them");
    co_return EX_USAGE;
  }
  const auto executor = co_await asio::this_coro::executor;
  Listening listening(executor, output, false);
  listening.to_wire(tracing);
  output.say("listening to the connections of this account; Ctrl-C ends it");
  asio::steady_timer timer(executor);
  const auto start = std::chrono::steady_clock::now();
  while (output.is_heard() && !is_ending() && std::chrono::steady_clock::now() - start < patience) {
    timer.expires_after(kLook);
    asio::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return 0;
}

}  // namespace mirror
