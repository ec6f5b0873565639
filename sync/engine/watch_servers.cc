// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// 1. A pass; its connections stay, so that the next one costs a round trip for the listing.
// 2. Then it waits for the interval, or for a word of either server. Our own pass's changes come back that way too: the
//    pass that follows finds nothing.
// 3. After a failure, pauses that double; a word of a server does not shorten them.
#include "sync/engine/watch_servers.h"

#include <asio/co_spawn.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace mirror {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kGather{20};  // after a word of a server, for those that come with it
constexpr seconds kFirstPause{5}, kLongestPause{600};

bool only_a_person_can_mend(base::Reason reason) {
  using base::Reason;
  return reason == Reason::Configuration || reason == Reason::Authentication || reason == Reason::Unsupported ||
         reason == Reason::NotPermitted || reason == Reason::Corrupt || reason == Reason::InUse;
}

}  // namespace

WatchServers::WatchServers(asio::any_io_executor executor, Account& account, WatchRules rules,
                           std::function<void(const PassResult&)> tell)
    : executor_(std::move(executor)), account_(account), rules_(rules), tell_(std::move(tell)), event_(executor_) {}

WatchServers::~WatchServers() { stop(); }

void WatchServers::stop() {
  stopping_ = true;
  event_.cancel();
  account_.close_connections();
  for (const auto& one : news_) one->stop();
}

void WatchServers::on_news() {
  account_.look_again_at(MailboxPath("INBOX"));
  kicked_ = true;
  if (failures_ == 0) event_.cancel();
}

void WatchServers::hear() {
  for (const auto* side : {&account_.config().local, &account_.config().remote}) {
    auto one = std::make_shared<ServerNews>(
        executor_, *side, [this] { on_news(); }, base::Log().with({"side", side->section}));
    news_.push_back(one);
    asio::co_spawn(executor_, one->run(), [one](std::exception_ptr) {});
  }
}

asio::awaitable<void> WatchServers::wait(milliseconds at_most) {
  if (stopping_) co_return;
  event_.expires_after(at_most);
  asio::error_code ignored;
  co_await event_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

milliseconds WatchServers::pause_after(const PassResult& result) {
  if (!result.end) {
    failures_ = 0;
    return rules_.interval;
  }
  ++failures_;
  if (result.end->reason == base::Reason::Authentication || failures_ > 7) return kLongestPause;
  return std::min<milliseconds>(kFirstPause * (1 << (failures_ - 1)), kLongestPause);
}

asio::awaitable<int> WatchServers::run() {
  account_.keep_connections(true);
  for (bool first = true; !stopping_; first = false) {
    kicked_ = false;
    account_.try_all_held(first);
    const auto result = co_await account_.run_pass();
    if (stopping_) break;
    tell_(result);
    if (first && result.end && only_a_person_can_mend(result.end->reason)) co_return result.exit_code();
    if (first && rules_.hears) hear();
    const auto pause = pause_after(result);
    if (failures_ > 0 || !kicked_) co_await wait(pause);
    if (kicked_) co_await wait(kGather);
  }
  co_return 0;
}

}  // namespace mirror
