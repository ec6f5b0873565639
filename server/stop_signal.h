// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// StopSignal: tells sessions to end. Each answers the command under way, says BYE and closes.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>

namespace server {

// One for all sessions of a process, or one per session: as the owner likes. Belongs to the sessions' io thread.
class StopSignal {
 public:
  // The text is for the BYE. Sessions that wait for their client end at once; busy ones have a second to finish.
  void request(std::string text) {
    if (requested_) return;
    requested_ = true;
    text_ = std::move(text);
    const auto calls = *calls_;  // a session may end, and unregister, while it is called
    for (const auto& [id, f] : calls) f();
  }
  bool requested() const { return requested_; }
  const std::string& text() const { return text_; }

  // Calls f when the stop is requested, until the returned value is destroyed.
  std::shared_ptr<void> on_request(std::function<void()> f) {
    auto id = next_++;
    calls_->emplace_back(id, std::move(f));
    return {nullptr, [weak = std::weak_ptr(calls_), id](void*) {
              if (const auto calls = weak.lock()) calls->remove_if([id](const auto& call) { return call.first == id; });
            }};
  }

 private:
  bool requested_ = false;
  std::string text_;
  std::uint64_t next_ = 0;
  using Calls = std::list<std::pair<std::uint64_t, std::function<void()>>>;
  std::shared_ptr<Calls> calls_ = std::make_shared<Calls>();
};

}  // namespace server
