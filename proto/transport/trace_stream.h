// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// TraceStream: tells what goes through it. Lies where the text is plain: above TLS and DEFLATE.
#pragma once

#include <memory>
#include <string_view>

#include "proto/transport/stream.h"

namespace transport {

class TraceListener {
 public:
  virtual ~TraceListener() = default;
  virtual void read(std::string_view octets) = 0;
  virtual void written(std::string_view octets) = 0;
};

class TraceStream final : public Stream {
 public:
  TraceStream(std::unique_ptr<Stream> below, std::shared_ptr<TraceListener> listener)
      : below_(std::move(below)), listener_(std::move(listener)) {}

  asio::awaitable<std::size_t> read_some(asio::mutable_buffer into) override {
    const auto n = co_await below_->read_some(into);
    listener_->read({static_cast<const char*>(into.data()), n});
    co_return n;
  }
  asio::awaitable<void> write(asio::const_buffer bytes) override {
    listener_->written({static_cast<const char*>(bytes.data()), bytes.size()});
    co_await below_->write(bytes);
  }
  asio::awaitable<void> flush() override { return below_->flush(); }
  void close() override { below_->close(); }
  asio::any_io_executor executor() override { return below_->executor(); }

 private:
  std::unique_ptr<Stream> below_;
  std::shared_ptr<TraceListener> listener_;
};

}  // namespace transport
