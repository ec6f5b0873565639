// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Stream: bytes both ways. Ends (fd pair, socket, memory) and filters (TLS, deflate, trace) are both Streams; a filter
// owns the one below it.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>

#include <cstddef>
#include <memory>

namespace transport {

class Stream {
 public:
  virtual ~Stream() = default;

  // One read and one write may be in flight at a time. Errors throw std::system_error.
  virtual asio::awaitable<std::size_t> read_some(asio::mutable_buffer into) = 0;  // 0 is the end
  virtual asio::awaitable<void> write(asio::const_buffer bytes) = 0;              // all of it
  // Ends both directions now; reads and writes in flight end with an error or 0. May be called twice.
  virtual void close() = 0;
  virtual asio::any_io_executor executor() = 0;
  // A filter that holds back bytes (deflate) sends them; others do nothing. Called by Connection::flush after the last
  // write.
  virtual asio::awaitable<void> flush();
};

}  // namespace transport
