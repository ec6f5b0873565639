// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Client::Watch: closes the stream when the peer keeps silent. For the client's own files.
#pragma once

#include <asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include "sync/client/client.h"

namespace mirror {

// Looks once a second while an answer is due. An answer is waited for patiently, since servers are slow; but a
// connection of which it is not known whether anybody is at its other end has to say something soon.
struct Client::Watch : std::enable_shared_from_this<Client::Watch> {
  Watch(MeteredStream& stream, std::chrono::seconds patience, std::chrono::seconds doubtful_patience)
      : timer(stream.executor()), meter(&stream), patience(patience), doubtful_patience(doubtful_patience) {}

  void begin() {
    if (waiting++ > 0) return;
    meter->moved();
    tick();
  }
  void end() {
    if (--waiting == 0) timer.cancel();
  }
  // From now on: silence until then is no answer.
  void doubt() {
    doubted_since = std::chrono::steady_clock::now();
    if (waiting > 0) tick();
  }
  std::chrono::seconds patience_now() {
    if (doubted_since && meter->last_received() >= *doubted_since) doubted_since.reset();
    return doubted_since ? doubtful_patience : patience;
  }
  void tick() {
    timer.expires_after(std::chrono::seconds(1));
    timer.async_wait([self = shared_from_this()](asio::error_code error) {
      if (error || self->meter == nullptr || self->waiting == 0) return;
      const auto patience = self->patience_now();
      const auto since = std::max(self->meter->last_moved(), self->doubted_since.value_or(self->meter->last_moved()));
      if (std::chrono::steady_clock::now() - since < patience) return self->tick();
      self->late_after = patience;
      self->meter->close();
    });
  }

  asio::steady_timer timer;
  MeteredStream* meter;  // nullptr: the client is gone
  std::chrono::seconds patience, doubtful_patience;
  std::optional<std::chrono::steady_clock::time_point> doubted_since;
  int waiting = 0;
  std::optional<std::chrono::seconds> late_after;  // it was closed for a silence of so long
};

}  // namespace mirror
