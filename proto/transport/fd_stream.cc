// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/transport/fd_stream.h"

#include <sys/socket.h>
#include <unistd.h>

#include <asio/posix/stream_descriptor.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <cerrno>
#include <system_error>

namespace transport {

namespace {

class FdStream final : public Stream {
 public:
  FdStream(asio::any_io_executor executor, base::FileDescriptor reading, base::FileDescriptor writing)
      : reading_(executor, reading.get()), writing_(executor) {
    reading.release();
    if (writing) {
      writing_.assign(writing.get());
      writing.release();
    }
  }

  asio::awaitable<std::size_t> read_some(asio::mutable_buffer into) override {
    asio::error_code error;
    const auto n = co_await reading_.async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::eof || error == asio::error::connection_reset || error == asio::error::operation_aborted)
      co_return 0;
    if (error) throw std::system_error(error, "read");
    co_return n;
  }

  asio::awaitable<void> write(asio::const_buffer bytes) override {
    co_await asio::async_write(writing_.is_open() ? writing_ : reading_, bytes, asio::use_awaitable);
  }

  void close() override {
    asio::error_code ignored;
    if (reading_.is_open()) ::shutdown(reading_.native_handle(), SHUT_WR);  // a socket's peer sees an orderly end
    reading_.close(ignored);
    writing_.close(ignored);
  }

  asio::any_io_executor executor() override { return reading_.get_executor(); }

 private:
  asio::posix::stream_descriptor reading_;
  asio::posix::stream_descriptor writing_;  // not open: reading_ goes both ways
};

}  // namespace

std::unique_ptr<Stream> make_fd_stream(asio::any_io_executor executor, base::FileDescriptor reading,
                                       base::FileDescriptor writing) {
  return std::make_unique<FdStream>(std::move(executor), std::move(reading), std::move(writing));
}

std::unique_ptr<Stream> make_socket_stream(asio::any_io_executor executor, base::FileDescriptor socket) {
  return std::make_unique<FdStream>(std::move(executor), std::move(socket), base::FileDescriptor());
}

std::pair<std::unique_ptr<Stream>, std::unique_ptr<Stream>> make_stream_pair(asio::any_io_executor executor) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    throw std::system_error(errno, std::generic_category(), "socketpair");
  return {make_socket_stream(executor, base::FileDescriptor(ends[0])),
          make_socket_stream(executor, base::FileDescriptor(ends[1]))};
}

}  // namespace transport
