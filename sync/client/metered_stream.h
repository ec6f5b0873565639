// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// MeteredStream: counts octets on the wire, and knows when something last came or went. Lies below TLS.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "proto/transport/stream.h"

namespace mirror {

// Sums over all connections of a pass; one thread's.
struct Traffic {
  std::uint64_t sent = 0, received = 0;
};

class MeteredStream final : public transport::Stream {
 public:
  MeteredStream(std::unique_ptr<transport::Stream> below, Traffic* traffic)
      : below_(std::move(below)), traffic_(traffic) {}

  asio::awaitable<std::size_t> read_some(asio::mutable_buffer into) override {
    const auto n = co_await below_->read_some(into);
    if (traffic_) traffic_->received += n;
    moved();
    last_received_ = last_moved_;
    co_return n;
  }
  asio::awaitable<void> write(asio::const_buffer bytes) override {
    // In pieces, so that a slow link shows that it moves.
    const auto* data = static_cast<const char*>(bytes.data());
    std::size_t left = bytes.size();
    while (left > 0) {
      const auto n = left < kPiece ? left : kPiece;
      co_await below_->write(asio::const_buffer(data, n));
      data += n;
      left -= n;
      if (traffic_) traffic_->sent += n;
      moved();
    }
  }
  asio::awaitable<void> flush() override { return below_->flush(); }
  void close() override { below_->close(); }
  asio::any_io_executor executor() override { return below_->executor(); }

  std::chrono::steady_clock::time_point last_moved() const { return last_moved_; }
  std::chrono::steady_clock::time_point last_received() const { return last_received_; }
  void moved() { last_moved_ = std::chrono::steady_clock::now(); }

 private:
  static constexpr std::size_t kPiece = 256 * 1024;
  std::unique_ptr<transport::Stream> below_;
  Traffic* traffic_;
  std::chrono::steady_clock::time_point last_moved_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point last_received_ = last_moved_;
};

}  // namespace mirror
