// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/engine/command_link.h"

#include <sys/socket.h>
#include <sys/time.h>
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
#include "proto/base/version.h"
#include "sync/caller_environment.h"

namespace mirror {

namespace {

// What is said is kept until the caller has taken it: a pager may stand between it and its reader for as long as it
// likes, and holds up nothing but this link. Its end, and nothing else, drops what is left.
class CommandLink final : public CommandOutput, public std::enable_shared_from_this<CommandLink> {
 public:
  CommandLink(const asio::any_io_executor& executor, base::FileDescriptor socket)
      : socket_(executor, socket.release()), changed_(executor, asio::steady_timer::time_point::max()) {}

  void say(const std::string& text) override { send('o', text); }
  void complain(const std::string& text) override { send('e', text); }
  void show_progress(const ProgressReport& report) override {
    if (waiting_.empty()) send('p', text_of(report));  // the next one replaces it anyway
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

void await_request(const asio::any_io_executor& executor, base::FileDescriptor socket, TakeRequest f) {
  auto caller = std::make_shared<asio::posix::stream_descriptor>(executor, socket.release());
  caller->async_wait(asio::posix::descriptor_base::wait_read, [caller, f = std::move(f)](asio::error_code error) {
    if (error) return;
    base::FileDescriptor end(caller->release());
    if (!store::is_same_user(end.get())) return;
    const timeval patience{1, 0};
    ::setsockopt(end.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (auto request = store::receive_request(end.get())) f(std::move(end), std::move(*request));
  });
}

bool take_request(int socket, const store::Request& request) {
  const bool same_version = request.version == base::version();
  const char answer = same_version ? 'K' : 'V';
  return ::send(socket, &answer, 1, MSG_NOSIGNAL) == 1 && same_version;
}

bool is_for_command(const store::Request& request) { return request.verb == "RUN" && request.words.size() >= 3; }

asio::awaitable<void> run_for(Engine& engine, asio::any_io_executor executor, base::FileDescriptor socket,
                              std::vector<std::string> words) {
  const auto link = std::make_shared<CommandLink>(executor, std::move(socket));
  link->on_gone([&engine, output = link.get()] { engine.cancel(*output); });
  const auto file = std::ranges::find_if_not(words, is_of_caller);
  int code = EX_USAGE;
  try {
    if (words.end() - file >= 3) {
      Words command{file[2], {file + 3, words.end()}, {words.begin(), file}};
      code = co_await engine.run({*file, file[1], std::move(command)}, *link);
    }
  } catch (const Failure& failure) {
    link->complain(failure.what());
    code = exit_code_of(failure.reason);
  }
  link->end(code);
  co_await link->all_taken();
}

}  // namespace mirror
