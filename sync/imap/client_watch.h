// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Client::Watch: closes the stream when the peer keeps silent. For the client's own files.
#pragma once

#include <asio/steady_timer.hpp>

#include <chrono>
#include <memory>

#include "sync/imap/client.h"

namespace mirror {

// Looks once a second while an answer is due.
struct Client::Watch : std::enable_shared_from_this<Client::Watch> {
  Watch(MeteredStream& stream, std::chrono::seconds patience)
      : timer(stream.executor()), meter(&stream), patience(patience) {}

  void begin() {
    if (waiting++ > 0) return;
    meter->moved();
    tick();
  }
  void end() {
    if (--waiting == 0) timer.cancel();
  }
  void tick() {
    timer.expires_after(std::chrono::seconds(1));
    timer.async_wait([self = shared_from_this()](asio::error_code error) {
      if (error || self->meter == nullptr || self->waiting == 0) return;
      if (std::chrono::steady_clock::now() - self->meter->last_moved() < self->patience) return self->tick();
      self->late = true;
      self->meter->close();
    });
  }

  asio::steady_timer timer;
  MeteredStream* meter;  // nullptr: the client is gone
  std::chrono::seconds patience;
  int waiting = 0;
  bool late = false;
};

}  // namespace mirror
