// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The end of the command is its exit: what it has started may go on, and keep its outputs open for as long as it likes.
// So what is in the pipes then is taken, and no more.
#include "proto/transport/run_command.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <asio/buffer.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "proto/transport/child_process.h"

namespace transport {

namespace {

constexpr std::chrono::milliseconds kLook{20};  // where the kernel does not tell that a process has ended

struct Pipe {
  base::FileDescriptor reading, writing;
};

Pipe make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) throw std::system_error(errno, std::generic_category(), "pipe");
  return {base::FileDescriptor(ends[0]), base::FileDescriptor(ends[1])};
}

// Of what one of its outputs says.
struct Heard {
  explicit Heard(const asio::any_io_executor& executor) : pipe(executor) {}

  void take(std::size_t n, std::size_t most) {
    total += n;
    text.append(buffer.data(), n);
    if (text.size() > kept && keeps_last) text.erase(0, text.size() - kept);
    if (text.size() > kept) text.resize(kept);
    asio::error_code ignored;
    if (total > most) pipe.close(ignored);
  }

  asio::posix::stream_descriptor pipe;
  std::array<char, 4096> buffer{};
  std::string text;
  std::size_t kept = 0, total = 0;
  bool keeps_last = false;
};

class Running : public std::enable_shared_from_this<Running> {
 public:
  Running(const asio::any_io_executor& executor, CommandRun run)
      : run_(std::move(run)),
        input_(executor),
        out_(executor),
        errors_(executor),
        watch_(executor),
        late_(executor),
        look_(executor),
        done_(executor, asio::steady_timer::time_point::max()) {
    out_.kept = run_.output_octets;
    errors_.kept = run_.errors_octets;
    errors_.keeps_last = true;
  }

  void start() {
    auto in = make_pipe(), out = make_pipe(), errors = make_pipe();
    const base::FileDescriptor nowhere(run_.output_octets == 0 ? ::open("/dev/null", O_WRONLY | O_CLOEXEC) : -1);
    const bool stays = run_.may_ask && has_terminal();
    child_ = std::make_unique<ChildProcess>(
        ChildOptions{.command = run_.command,
                     .input = in.reading.get(),
                     .output = nowhere ? nowhere.get() : out.writing.get(),
                     .errors = errors.writing.get(),
                     .environment = run_.environment,
                     .group = stays ? Group::Alone : (run_.may_ask ? Group::Own : Group::Session)});
    input_.assign(in.writing.release());
    input_.non_blocking(true);
    for (auto [heard, end] : {std::pair(&out_, &out.reading), {&errors_, &errors.reading}}) {
      heard->pipe.assign(end->release());
      heard->pipe.non_blocking(true);
      hear(*heard);
    }
    give();
    await_end();
    late_.expires_after(run_.patience);
    late_.async_wait([self = shared_from_this()](asio::error_code error) {
      if (error || self->ended_) return;
      self->end_.late = true;
      self->finish();
    });
  }

  asio::awaitable<CommandEnd> end() {
    while (!ended_) {
      asio::error_code ignored;
      co_await done_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    co_return std::move(end_);
  }

  // Also where nobody waits for it any more.
  void let_go() {
    if (child_ && (end_.late || !ended_)) child_->terminate();
    ended_ = true;
    asio::error_code ignored;
    for (auto* pipe : {&input_, &out_.pipe, &errors_.pipe, &watch_}) pipe->close(ignored);
    late_.cancel();
    look_.cancel();
    child_ = nullptr;
  }

 private:
  void give() {
    asio::async_write(input_, asio::buffer(run_.input), [self = shared_from_this()](asio::error_code, std::size_t) {
      asio::error_code ignored;
      self->input_.close(ignored);
    });
  }

  void hear(Heard& heard) {
    heard.pipe.async_read_some(asio::buffer(heard.buffer),
                               [self = shared_from_this(), &heard](asio::error_code error, std::size_t n) {
                                 if (error || self->ended_) return;
                                 heard.take(n, self->run_.most_octets);
                                 if (heard.pipe.is_open()) self->hear(heard);
                               });
  }

  void await_end() {
    auto watch = child_->watch();
    if (!watch) return look_for_end();
    watch_.assign(watch.release());
    watch_.async_wait(asio::posix::descriptor_base::wait_read, [self = shared_from_this()](asio::error_code error) {
      if (!error) self->look_for_end();
    });
  }

  void look_for_end() {
    if (ended_) return;
    if (const auto status = child_->reap()) {
      if (WIFEXITED(*status)) end_.status = WEXITSTATUS(*status);
      return finish();
    }
    look_.expires_after(kLook);
    look_.async_wait([self = shared_from_this()](asio::error_code error) {
      if (!error) self->look_for_end();
    });
  }

  void finish() {
    for (auto* heard : {&out_, &errors_})
      while (heard->pipe.is_open() && heard->total <= run_.most_octets) {
        const auto n = ::read(heard->pipe.native_handle(), heard->buffer.data(), heard->buffer.size());
        if (n <= 0) break;
        heard->take(static_cast<std::size_t>(n), run_.most_octets);
      }
    end_.out = std::move(out_.text);
    end_.errors = std::move(errors_.text);
    let_go();
    done_.cancel();
  }

  CommandRun run_;
  CommandEnd end_;
  std::unique_ptr<ChildProcess> child_;
  asio::posix::stream_descriptor input_;
  Heard out_, errors_;
  asio::posix::stream_descriptor watch_;
  asio::steady_timer late_, look_, done_;
  bool ended_ = false;
};

struct LetGo {
  explicit LetGo(std::shared_ptr<Running> r) : running(std::move(r)) {}
  ~LetGo() { running->let_go(); }
  LetGo(const LetGo&) = delete;
  LetGo& operator=(const LetGo&) = delete;
  std::shared_ptr<Running> running;
};

}  // namespace

asio::awaitable<CommandEnd> run_command(CommandRun run) {
  const auto executor = co_await asio::this_coro::executor;
  const LetGo one(std::make_shared<Running>(executor, std::move(run)));
  one.running->start();
  co_return co_await one.running->end();
}

}  // namespace transport
