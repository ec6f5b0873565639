// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/session_fixture.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>

#include <future>
#include <stdexcept>
#include <system_error>

#include "proto/transport/fd_stream.h"

namespace tests {

namespace {

constexpr int kPatience = 20'000;  // milliseconds; only a broken server is waited for so long

}  // namespace

SessionFixture::SessionFixture(store::MailStore& store) : work_(asio::make_work_guard(io_)) {
  ::signal(SIGPIPE, SIG_IGN);  // as imapd does
  context.store = &store;
  context.workers = &workers_;
  context.stop = &stop_;
  context.limits.login_delay = std::chrono::milliseconds(1);
  thread_ = std::thread([this] { io_.run(); });
}

SessionFixture::~SessionFixture() {
  stop("The test is over.");
  work_.reset();
  thread_.join();
  workers_.join();
}

int SessionFixture::connect() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw std::system_error(errno, std::generic_category(), "socketpair");
  auto stream = transport::make_socket_stream(io_.get_executor(), base::FileDescriptor(ends[1]));
  asio::co_spawn(io_, server::serve(context, std::move(stream)), asio::detached);
  return ends[0];
}

void SessionFixture::stop(std::string text) {
  asio::post(io_, [this, text = std::move(text)] { stop_.request(text); });
}

TestClient::TestClient(SessionFixture& fixture) : fd_(fixture.connect()) { greeting_ = line(); }
TestClient::~TestClient() { ::close(fd_); }

std::string TestClient::operator()(std::string_view command) {
  const auto tag = "t" + std::to_string(++tag_);
  send(tag + " " + std::string(command) + "\r\n");
  auto out = until(tag + " ");
  const auto last = out.rfind(tag + " ");
  return last == std::string::npos ? out : out.erase(last, tag.size() + 1);
}

std::string TestClient::append(std::string_view mailbox, std::string_view text, std::string_view flags) {
  std::string command = "APPEND " + std::string(mailbox) + " ";
  if (!flags.empty()) command += std::string(flags) + " ";
  return (*this)(command + "{" + std::to_string(text.size()) + "+}\r\n" + std::string(text));
}

void TestClient::send(std::string_view octets) {
  while (!octets.empty()) {
    const auto n = ::send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (n <= 0) return;  // the server hung up: reading tells
    octets.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::string TestClient::line() {
  for (std::size_t from = 0;;) {
    const auto end = buffer_.find("\r\n", from);
    if (end != std::string::npos) {
      auto out = buffer_.substr(0, end + 2);
      buffer_.erase(0, end + 2);
      return out;
    }
    from = buffer_.empty() ? 0 : buffer_.size() - 1;
    if (!read_more()) return std::exchange(buffer_, {});
  }
}

std::string TestClient::reply() {
  auto out = line();
  for (auto last = out; last.ends_with("}\r\n") && last.find('{') != std::string::npos;) {
    const auto digits = last.substr(last.rfind('{') + 1);
    auto missing = std::stoul(digits);
    while (buffer_.size() < missing)
      if (!read_more()) return out;
    out += buffer_.substr(0, missing);
    buffer_.erase(0, missing);
    last = line();
    out += last;
  }
  return out;
}

std::string TestClient::until(std::string_view tag) {
  std::string out;
  for (;;) {
    auto next = line();
    out += next;
    if (next.empty() || next.starts_with(tag)) return out;
  }
}

std::string TestClient::octets() {
  if (buffer_.empty() && !read_more()) throw std::runtime_error("the server has closed");
  return std::exchange(buffer_, {});
}

bool TestClient::at_end() {
  while (read_more()) buffer_.clear();
  return true;
}

bool TestClient::read_more() {
  pollfd ready{fd_, POLLIN, 0};
  if (::poll(&ready, 1, kPatience) <= 0) throw std::runtime_error("the server does not answer; so far: " + buffer_);
  char bytes[65536];
  const auto n = ::read(fd_, bytes, sizeof bytes);
  if (n <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(n));
  return true;
}

}  // namespace tests
