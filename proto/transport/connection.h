// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Connection: an output buffer and a Framer over a replaceable Stream; what a session or a client talks through.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "proto/frame.h"
#include "proto/transport/stream.h"
#include "proto/transport/worker_pool.h"

namespace transport {

class Connection {
 public:
  Connection(std::unique_ptr<Stream> stream, imap::Framer::Side side, imap::FramerLimits limits = {});

  // The next whole line with its literals; nullopt when the peer has closed. On the server side "+ OK" is sent for
  // synchronising literals. A line that the framer refuses: on_refused is called (it appends the refusal to
  // output()), and reading goes on.
  asio::awaitable<std::optional<imap::Frame>> read_frame();
  std::function<void(imap::Framer&)> on_refused;

  // Large literals are written to the disk by these workers, and the caller's thread does not wait for it.
  void spool_on(WorkerPool* workers) { workers_ = workers; }
  // f() on one of them; on the caller's thread where there are none.
  template <class F>
  asio::awaitable<std::invoke_result_t<F&>> wait_for_disk(F f) {
    if (workers_ == nullptr) co_return f();
    co_return co_await workers_->run(std::move(f));
  }

  // True when a whole frame is here already, so that read_frame() would not wait. Lets a session answer a pipeline in
  // one go.
  bool has_frame();
  // Sending is not a coroutine: responses are appended here by ordinary functions; only flush() and drain() are
  // awaited.
  std::string& output() { return output_; }
  asio::awaitable<void> flush();  // writes all that is in output()
  asio::awaitable<void> drain();  // flushes only when output() has grown past 64 KiB
  bool wants_drain() const { return output_.size() >= 64 * 1024; }

  // Puts a filter on top (STARTTLS): throws std::runtime_error if unread input is buffered.
  using Wrap = std::function<std::unique_ptr<Stream>(std::unique_ptr<Stream>)>;
  void upgrade(const Wrap& wrap);
  // The same for COMPRESS, behind which a client may pipeline: what is buffered is the filter's first input.
  void upgrade_keeping_input(const Wrap& wrap);
  bool has_unread_input() const;

  Stream& stream() { return *stream_; }
  imap::Framer& framer() { return framer_; }
  void close();
  std::uint64_t bytes_read() const { return bytes_read_; }  // above the filters
  std::uint64_t bytes_written() const { return bytes_written_; }

 private:
  std::unique_ptr<Stream> stream_;
  imap::Framer framer_;
  std::string output_;
  std::string writing_;
  std::string input_;
  bool flushing_ = false;
  asio::steady_timer flushed_;  // cancelled when a flush has ended
  bool end_ = false;
  WorkerPool* workers_ = nullptr;
  std::uint64_t bytes_read_ = 0, bytes_written_ = 0;
};

}  // namespace transport
