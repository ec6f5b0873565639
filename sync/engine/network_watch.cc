// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/engine/network_watch.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

#include "proto/base/files.h"

namespace mirror {

namespace {

constexpr std::chrono::milliseconds kGather{250};  // an address brings its routes with it

base::FileDescriptor hear_of_network() {
  base::FileDescriptor out(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
  if (out.get() >= 0 && ::bind(out.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
  return out;
}

// A timer that never ends, but for a jump of the clock.
void set_far(int timer) {
  itimerspec far{};
  far.it_value.tv_sec = 8'000'000'000;  // the year 2223
  ::timerfd_settime(timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, nullptr);
}

base::FileDescriptor hear_of_clock() {
  base::FileDescriptor out(::timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  if (out.get() >= 0) set_far(out.get());
  return out;
}

}  // namespace

struct NetworkWatch::State : std::enable_shared_from_this<State> {
  State(const asio::any_io_executor& executor, std::function<void()> changed)
      : network(executor), clock(executor), gather(executor), changed(std::move(changed)) {
    take_over(network, hear_of_network());
    take_over(clock, hear_of_clock());
  }

  static void take_over(asio::posix::stream_descriptor& into, base::FileDescriptor from) {
    asio::error_code ignored;
    if (from.get() >= 0) into.assign(from.release(), ignored);
  }

  void hear(asio::posix::stream_descriptor& from) {
    if (!from.is_open()) return;
    from.async_wait(asio::posix::descriptor_base::wait_read,
                    [self = shared_from_this(), &from](asio::error_code error) {
                      if (error || !self->changed) return;
                      self->drain(from);
                      self->tell();
                      self->hear(from);
                    });
  }

  // What it says in detail does not matter. A clock that has jumped says ECANCELED, an overrun queue ENOBUFS, once.
  void drain(asio::posix::stream_descriptor& from) {
    std::array<char, 8192> octets;
    for (int i = 0; i < 1000; ++i)
      if (::read(from.native_handle(), octets.data(), octets.size()) <= 0 && errno != ENOBUFS) break;
    if (&from == &clock) set_far(clock.native_handle());
  }

  void tell() {
    if (std::exchange(gathering, true)) return;
    gather.expires_after(kGather);
    gather.async_wait([self = shared_from_this()](asio::error_code error) {
      self->gathering = false;
      if (!error && self->changed) self->changed();
    });
  }

  asio::posix::stream_descriptor network, clock;
  asio::steady_timer gather;
  std::function<void()> changed;
  bool gathering = false;
};

NetworkWatch::NetworkWatch(const asio::any_io_executor& executor, std::function<void()> changed)
    : state_(std::make_shared<State>(executor, std::move(changed))) {
  state_->hear(state_->network);
  state_->hear(state_->clock);
}

NetworkWatch::~NetworkWatch() {
  state_->changed = nullptr;
  asio::error_code ignored;
  state_->network.close(ignored);
  state_->clock.close(ignored);
  state_->gather.cancel();
}

}  // namespace mirror
