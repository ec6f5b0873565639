// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/daemon/command_link.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <asio/posix/stream_descriptor.hpp>

#include <memory>

namespace server {

namespace {

class CommandLink final : public mirror::CommandOutput {
 public:
  explicit CommandLink(base::FileDescriptor socket) : socket_(std::move(socket)) {}

  void say(const std::string& text) override { send('o', text, 0); }
  void complain(const std::string& text) override { send('e', text, 0); }
  void show_progress(const std::string& text) override { send('p', text, MSG_DONTWAIT); }
  void end(int code) { send('x', std::to_string(code), 0); }
  int socket() const { return socket_.get(); }

 private:
  // A caller that does not read holds up nobody: after a second (SO_SNDTIMEO) it has lost the line.
  void send(char kind, std::string text, int flags) {
    for (char& c : text)
      if (c == '\n') c = ' ';
    text = kind + text + '\n';
    (void)!::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL | flags);
  }

  base::FileDescriptor socket_;
};

}  // namespace

asio::awaitable<void> run_for(mirror::Engine& engine, asio::io_context& io, base::FileDescriptor socket,
                              std::vector<std::string> words) {
  const timeval patience{1, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  asio::posix::stream_descriptor watched(io, ::fcntl(socket.get(), F_DUPFD_CLOEXEC, 0));
  const auto link = std::make_shared<CommandLink>(std::move(socket));
  watched.async_wait(asio::posix::descriptor_base::wait_read,
                     [&engine, weak = std::weak_ptr(link)](asio::error_code error) {
                       if (const auto alive = weak.lock(); alive && !error) engine.cancel(*alive);
                     });
  mirror::Words command{words[1], {words.begin() + 2, words.end()}};
  int code = 0;
  try {
    code = co_await engine.run(words[0], std::move(command), *link);
  } catch (const mirror::Failure& failure) {
    link->complain(failure.what());
    code = mirror::exit_code_of(failure.reason);
  }
  link->end(code);
}

}  // namespace server
