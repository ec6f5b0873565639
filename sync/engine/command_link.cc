// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/daemon/command_link.h"

#include <sysexits.h>

#include <asio/buffer.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "proto/base/printable.h"
#include "sync/caller_environment.h"

namespace server {

namespace {

// What is said is kept until the caller has taken it: a pager may stand between it and its reader for as long as it
// likes, and holds up nothing but this link. Its end, and nothing else, drops what is left.
class CommandLink final : public mirror::CommandOutput, public std::enable_shared_from_this<CommandLink> {
 public:
  CommandLink(asio::io_context& io, base::FileDescriptor socket)
      : socket_(io, socket.release()), changed_(io, asio::steady_timer::time_point::max()) {}

  void say(const std::string& text) override { send('o', text); }
  void complain(const std::string& text) override { send('e', text); }
  void show_progress(const mirror::ProgressReport& report) override {
    if (waiting_.empty()) send('p', mirror::text_of(report));  // the next one replaces it anyway
  }
  void say_beside(const std::string& text) override { send('b', text); }
  std::size_t waiting() const override { return waiting_.size() + (sending_ ? sending_->size() : 0); }
  bool is_heard() const override { return !gone_; }
  void end(int code) { send('x', std::to_string(code)); }

  void on_gone(std::function<void()> f) {
    on_gone_ = std::move(f);
    // The caller says nothing more: what comes is its end.
    socket_.async_wait(asio::posix::descriptor_base::wait_read, [weak = weak_from_this()](asio::error_code error) {
      if (const auto alive = weak.lock(); alive && error != asio::error::operation_aborted) alive->lose();
    });
  }

  asio::awaitable<void> all_taken() {
    while (!gone_ && !waiting_.empty()) {
      asio::error_code ignored;
      co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    on_gone_ = nullptr;
  }

 private:
  void send(char kind, const std::string& text) {
    if (gone_) return;
    waiting_ += kind + base::printable(text) + '\n';
    if (!sending_) send_more();
  }

  void send_more() {
    sending_ = std::exchange(waiting_, {});
    asio::async_write(socket_, asio::buffer(*sending_),
                      [self = shared_from_this()](asio::error_code error, std::size_t) { self->on_sent(error); });
  }

  void on_sent(asio::error_code error) {
    sending_.reset();
    if (error)
      lose();
    else if (!waiting_.empty())
      send_more();
    changed_.cancel();
  }

  void lose() {
    if (std::exchange(gone_, true)) return;
    waiting_ = {};
    changed_.cancel();
    if (on_gone_) std::exchange(on_gone_, nullptr)();
  }

  asio::posix::stream_descriptor socket_;
  asio::steady_timer changed_;
  std::string waiting_;
  std::optional<std::string> sending_;
  std::function<void()> on_gone_;
  bool gone_ = false;
};

}  // namespace

asio::awaitable<void> run_for(mirror::Engine& engine, asio::io_context& io, base::FileDescriptor socket,
                              std::vector<std::string> words) {
  const auto link = std::make_shared<CommandLink>(io, std::move(socket));
  link->on_gone([&engine, output = link.get()] { engine.cancel(*output); });
  const auto file = std::ranges::find_if_not(words, mirror::is_of_caller);
  int code = EX_USAGE;
  try {
    if (words.end() - file >= 3) {
      mirror::Words command{file[2], {file + 3, words.end()}, {words.begin(), file}};
      code = co_await engine.run({*file, file[1], std::move(command)}, *link);
    }
  } catch (const mirror::Failure& failure) {
    link->complain(failure.what());
    code = mirror::exit_code_of(failure.reason);
  }
  link->end(code);
  co_await link->all_taken();
}

void put_alerts(AlertBoard& board, const std::string& account, const std::vector<mirror::HeldRemovals>& held) {
  std::vector<std::pair<std::string, std::string>> alerts;
  for (const auto& one : held)
    alerts.emplace_back(one.mailbox + (one.here ? " here" : " there"), "Account " + account + ", " + one.sentence);
  board.set(account, alerts);
}

}  // namespace server
