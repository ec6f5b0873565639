// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// NetworkWatch: hears from the kernel that connections may be dead, or possible again: an address or a route has come
// or gone (rtnetlink), or the clock has jumped, as it does when the machine wakes (timerfd_create(2),
// TFD_TIMER_CANCEL_ON_SET). It costs nothing while nothing happens.
#pragma once

#include <asio/any_io_executor.hpp>

#include <functional>
#include <memory>

namespace mirror {

class NetworkWatch {
 public:
  // `changed` is called on the executor, once for what happens within a quarter of a second, until this is destroyed.
  // Where the kernel refuses one of the two (a container may), the other one is heard.
  NetworkWatch(const asio::any_io_executor& executor, std::function<void()> changed);
  ~NetworkWatch();
  NetworkWatch(const NetworkWatch&) = delete;
  NetworkWatch& operator=(const NetworkWatch&) = delete;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mirror
