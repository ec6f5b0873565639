// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Watch: inotify over the mailboxes' new/ and cur/: tells what others do behind our back, at once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "proto/base/log.h"

namespace store {

class Watch {
 public:
  enum class What : std::uint8_t {
    Came,      // renamed to: a whole file
    Created,   // or linked
    Left,      // renamed to something else
    Removed,   // unlinked
    Changed,   // somebody writes to it; more may follow, and nobody is woken
    Written,   // somebody who wrote to it has closed it
    Touched,   // its permissions or times changed
    Anything,  // may have happened, to any name
  };
  // Called on the watch's own thread, or inside drain(); must not wait for anything.
  using OnEvent = std::function<void(std::string_view name, What what)>;

  explicit Watch(base::Log log);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // Watches a directory until the token is destroyed. Null where there is no such directory or the kernel has no more
  // watches to give.
  std::shared_ptr<void> add(const std::filesystem::path& directory, OnEvent on_event);
  // Called by the thread after each batch of events and, once the kernel had no more watches, every few seconds: what
  // is not watched is to be looked at then.
  void set_after(std::function<void()> after);
  // Handles what has happened until now, in the caller's thread.
  void drain();
  // Ends the thread; a call of its under way ends first.
  void stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace store
