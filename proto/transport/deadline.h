// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Deadline: closes a stream at which something takes too long. For a coroutine's scope: begins with it, and ends with
// it, whatever ends it.
#pragma once

#include <asio/steady_timer.hpp>

#include <chrono>
#include <memory>

#include "proto/transport/stream.h"

namespace transport {

class Deadline {
 public:
  // The stream outlives it.
  Deadline(Stream& stream, std::chrono::milliseconds patience)
      : state_(std::make_shared<State>(State{&stream})), timer_(stream.executor(), patience) {
    timer_.async_wait([state = state_](asio::error_code error) {
      if (error || state->stream == nullptr) return;
      state->has_passed = true;
      state->stream->close();
    });
  }
  ~Deadline() { state_->stream = nullptr; }  // also for a timer that has ended and was not heard yet
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  bool has_passed() const { return state_->has_passed; }

 private:
  struct State {
    Stream* stream = nullptr;
    bool has_passed = false;
  };
  std::shared_ptr<State> state_;
  asio::steady_timer timer_;
};

}  // namespace transport
