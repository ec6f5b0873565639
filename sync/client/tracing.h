// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Tracing: who listens in to an account's conversations with its servers (`postern trace`, --debug). Of one thread. It
// costs next to nothing while nobody does.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>

#include "proto/transport/stream.h"

namespace mirror {

class Tracing : public std::enable_shared_from_this<Tracing> {
 public:
  using Listener = std::function<void(const std::string& line)>;

  std::shared_ptr<void> listen(Listener listener) {  // until it is let go
    listeners_.push_back(std::move(listener));
    return {nullptr, [weak = weak_from_this(), at = std::prev(listeners_.end())](void*) {
              if (const auto self = weak.lock()) self->listeners_.erase(at);
            }};
  }
  bool hears() const { return !listeners_.empty(); }
  void say(const std::string& line) const {
    const auto listeners = listeners_;
    for (const auto& listener : listeners) listener(line);
  }
  std::uint64_t next_connection() { return ++connections_; }

 private:
  std::list<Listener> listeners_;
  std::uint64_t connections_ = 0;
};

// One connection's: lays itself over each stream on which the conversation is plain; the last one is heard.
class ConnectionTrace {
 public:
  // tracing: nullptr: nobody ever listens.
  ConnectionTrace(std::shared_ptr<Tracing> tracing, std::string server);
  std::unique_ptr<transport::Stream> over(std::unique_ptr<transport::Stream> below);

 private:
  struct Layer;
  struct Text;
  std::shared_ptr<Text> text_;
  std::shared_ptr<Layer> last_;
};

}  // namespace mirror
