// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How it goes:
// 1. A pass at the start. It leaves its connections open, so that the next one costs a round trip for the listing.
// 2. A change in the store, or a word from the server in IDLE, is followed by a pass at once; those that come within a
//    few milliseconds share it. Our own pass's changes come back that way too: the pass that follows finds nothing.
// 3. Else a pass every minute (option interval): a server without NOTIFY tells of INBOX and of what the option idle
//    names only. Where that breaks there is a pass at once, and the server is listened to again after pauses that
//    double.
// 4. After a failure, pauses that double, up to ten minutes; a change does not shorten them. A refused login is tried
//    again at the longest interval only: servers lock accounts.
// 5. Once a day (option verify-every) both sides are compared, a mailbox between two passes.
// 6. Where the network has changed, or the machine has slept, the server is asked whether it is still there, and what
//    has failed for want of a network is tried at once.
#include "sync/engine/background.h"

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <random>
#include <utility>

#include "sync/client/refused_login.h"

namespace mirror {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kGather{5};  // after a change, for those that come with it
constexpr seconds kFirstPause{5}, kLongestPause{600};
constexpr seconds kLookAtConfig{2};  // while the sync cannot go on
constexpr seconds kWhileInUse{10};   // by another process, which may end at any time

milliseconds pause_after(int failures, bool login) {
  auto pause = std::chrono::duration_cast<milliseconds>(kLongestPause);
  if (!login && failures < 8) pause = std::min<milliseconds>(pause, kFirstPause * (1 << (failures - 1)));
  static std::minstd_rand random{std::random_device{}()};
  return pause + pause * static_cast<int>(random() % 100) / 400;
}

}  // namespace

Background::Background(asio::any_io_executor executor, BackgroundHost& host, std::string key, base::Log log)
    : host_(host), key_(std::move(key)), log_(std::move(log)), event_(std::move(executor)), verification_(log_) {}

void Background::on_good_news() {
  if (failures_ == 0) return;
  failures_ = 0;
  log_.info("the sync works again", {});
  kick();
}

void Background::kick() {
  if (kicked_) return;
  kicked_ = true;
  if (failures_ == 0) event_.cancel();
}

void Background::stop() {
  stopping_ = true;
  event_.cancel();
  stop_listeners();
}

asio::awaitable<void> Background::wait(milliseconds at_most) {
  event_.expires_after(at_most);
  asio::error_code ignored;
  co_await event_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<void> Background::run() {
  const auto self = shared_from_this();
  while (!stopping_) {
    kicked_ = network_changed_ = false;
    co_await pass();
    if (stopping_) break;
    if (failures_ == 0 && account_) listen();
    const bool login = last_reason_ == base::Reason::Authentication || last_reason_ == base::Reason::Configuration;
    if (failures_ == 0 && !kicked_ && account_ && verification_.wants_turn(*account_)) co_await verify_some();
    if (failures_ > 0)
      co_await wait_for_change(pause(login));
    else if (!kicked_)
      co_await wait(until_next_pass());
    if (kicked_ && !stopping_) co_await wait(kGather);
  }
}

milliseconds Background::pause(bool login) const {
  const auto out = std::max(pause_after(failures_, login), suggested_pause(last_failure_).value_or(milliseconds(0)));
  return last_reason_ == base::Reason::InUse ? std::min<milliseconds>(out, kWhileInUse) : out;
}

void Background::make_listeners() {
  stop_listeners();
  const auto& config = account_->config();
  const auto heard = [weak = weak_from_this()] {
    if (const auto alive = weak.lock()) alive->kick();
  };
  for (const auto side : {Side::Local, Side::Remote}) {
    if (account_->config_of(side).type == ServerConfig::Type::Store) continue;
    for (const auto& name : config.idle) {
      auto text = name;
      std::ranges::replace(text, '/', '\0');
      const bool first = &name == &config.idle.front();
      listeners_.push_back(std::make_shared<Listener>(Listener::Place{side, MailboxPath(std::move(text)), first},
                                                      log_.with({"side", account_->config_of(side).section}), heard));
    }
  }
}

void Background::stop_listeners() {
  for (const auto& one : listeners_) one->stop();
  listeners_.clear();
}

// It is waited for whether the first one hears all.
bool Background::is_wanted(const Listener& one) const {
  if (one.is_running() || !one.next()) return false;
  const auto side = one.place().side;
  const auto first = std::ranges::find(listeners_, side, [](const auto& other) { return other->place().side; });
  return first->get() == &one || !(*first)->is_running() || ((*first)->is_listening() && !(*first)->hears_all());
}

void Background::listen() {
  const auto now = Listener::Clock::now();
  for (const auto& one : listeners_)
    if (is_wanted(*one) && now >= *one->next()) host_.spawn(one->run(account_));
}

milliseconds Background::until_next_pass() const {
  const auto rest = account_ ? account_->config().interval : seconds(60);
  milliseconds out = std::min(rest, verification_.pause().value_or(rest));
  const auto now = Listener::Clock::now();
  for (const auto& one : listeners_)
    if (is_wanted(*one)) out = std::min(out, std::chrono::ceil<milliseconds>(*one->next() - now));
  return std::max(out, milliseconds(0));
}

asio::awaitable<void> Background::verify_some() {
  const auto turn = co_await turns_->take();
  if (account_ == turns_->account()) co_await verification_.step(account_);
}

// A pass that is under way finds out by itself; one that is connecting would wait for an answer that went astray.
void Background::on_network_change() {
  for (const auto& one : listeners_) one->check();
  if (account_ && account_->is_connecting()) account_->close_connections();
  network_changed_ = kicked_ = true;
  event_.cancel();
}

// At most so long, and no longer than until the failure is over or the configuration is another: it may be mended.
asio::awaitable<void> Background::wait_for_change(milliseconds at_most) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(until - std::chrono::steady_clock::now());
    if (left <= milliseconds(0) || stopping_ || failures_ == 0 || network_changed_) co_return;
    if (host_.stamp() != config_stamp_) {
      failures_ = 1;  // the pauses begin anew
      co_return;
    }
    co_await wait(std::min<milliseconds>(left, kLookAtConfig));
  }
}

asio::awaitable<void> Background::pass() {
  config_stamp_ = host_.stamp();
  const auto entry = host_.entry(key_);
  if (!entry) {
    stop();
    co_return;
  }
  if (!entry->config) co_return note(entry->config.error());
  turns_ = host_.turns_of(*entry->config);
  const auto turn = co_await turns_->take();
  const auto account = turns_->use(*entry->config);
  if (!account) co_return note(account.error());
  const bool is_another = account_ != *account;
  account_ = *account;
  if (is_another) make_listeners();
  host_.on_taken(account_->config());
  account_->keep_connections(true);
  account_->try_all_held(false);
  const auto result = co_await account_->run_pass();
  if (turns_->was_superseded(account_)) {
    account_ = nullptr;
    stop_listeners();
    kicked_ = true;  // the next pass is with the mended one
    co_return;
  }
  if (!result.end && result.counts.any()) log_.info("synchronised", {{"summary", result.summary()}});
  for (const auto& sentence : result.told) log_.info("made right", {{"what", sentence}});
  for (const auto& one : result.notes) log_.info("not permitted by the mode", {{"what", one}});
  for (const auto& problem : result.problems)
    if (std::ranges::find(problems_, problem) == problems_.end()) log_.warning("left undone", {{"what", problem}});
  problems_ = result.problems;
  verification_.pass_ended(!result.end && !result.counts.any());
  note(result.end);
}

void Background::note(const std::optional<base::Refusal>& end) {
  if (stopping_ || (end && network_changed_)) return;  // it is tried again at once
  last_reason_ = end ? end->reason : base::Reason::Failed;
  if (!end) {
    if (failures_ > 0) log_.info("the sync works again", {});
    failures_ = 0;
    return;
  }
  if (++failures_ == 1 || last_failure_ != end->text) log_.warning("the sync cannot go on", {{"why", end->text}});
  last_failure_ = end->text;
}

}  // namespace mirror
