// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// NetworkWatch against the kernel: in a network namespace of the test's own, which has one interface, that is down.
#include "sync/engine/network_watch.h"

#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <asio/io_context.hpp>

#include <chrono>
#include <cstring>
#include <ctime>
#include <functional>

namespace mirror {
namespace {

using std::chrono::milliseconds;

constexpr int kGood = 0, kBad = 1, kNoNamespace = 2;

void set_loopback(bool up) {
  const int s = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = static_cast<short>(up ? IFF_UP | IFF_RUNNING : 0);
  ::ioctl(s, SIOCSIFFLAGS, &request);
  ::close(s);
}

// What is done in a child with a network of its own; says true when all is well.
int in_own_network(const std::function<bool()>& work) {
  const auto child = ::fork();
  if (child == 0) {
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) ::_exit(kNoNamespace);
    ::_exit(work() ? kGood : kBad);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : kBad;
}

TEST(NetworkWatch, AnAddressThatComesAndOneThatGoesAreToldOnceEach) {
  const int end = in_own_network([] {
    asio::io_context context;
    int told = 0;
    const NetworkWatch watch(context.get_executor(), [&] { ++told; });
    context.run_for(milliseconds(400));
    if (told != 0) return false;
    set_loopback(true);
    context.run_for(milliseconds(600));
    if (told != 1) return false;
    set_loopback(false);
    context.run_for(milliseconds(600));
    return told == 2;
  });
  if (end == kNoNamespace) GTEST_SKIP() << "no network namespaces for this user";
  EXPECT_EQ(end, kGood);
}

TEST(NetworkWatch, NothingIsToldAfterItsEnd) {
  const int end = in_own_network([] {
    asio::io_context context;
    int told = 0;
    {
      const NetworkWatch watch(context.get_executor(), [&] { ++told; });
      set_loopback(true);
      context.run_for(milliseconds(20));  // heard, not told yet
    }
    context.run_for(milliseconds(600));
    return told == 0;
  });
  if (end == kNoNamespace) GTEST_SKIP() << "no network namespaces for this user";
  EXPECT_EQ(end, kGood);
}

TEST(NetworkWatch, AClockThatIsSetIsTold) {
  asio::io_context context;
  int told = 0;
  const NetworkWatch watch(context.get_executor(), [&] { ++told; });
  context.run_for(milliseconds(50));
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  if (::clock_settime(CLOCK_REALTIME, &now) != 0) GTEST_SKIP() << "this user may not set the clock";
  context.run_for(milliseconds(600));
  EXPECT_GE(told, 1);
}

}  // namespace
}  // namespace mirror
