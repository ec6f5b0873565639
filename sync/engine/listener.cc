// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/engine/listener.h"

#include <algorithm>
#include <utility>

#include "sync/client/connect.h"

namespace mirror {

namespace {

using std::chrono::seconds;

constexpr int kLongestPause = 6;  // a power of two of seconds
// A path that swallows everything shows only where somebody asks, and a dead one is to be noticed within 30 seconds:
// this and the 10 that an answer may take. It costs 70 octets of IMAP, some 500 on the wire with TLS, so 2 MB a day.
constexpr seconds kIdle{20};

asio::awaitable<std::optional<char>> delimiter_of(Client& client) {
  std::optional<char> out;
  imap::ListCommand list;
  list.patterns = {""};
  co_await client.execute(list, [&](imap::Response& response) {
    if (const auto* entry = std::get_if<imap::ListResponse>(&response)) out = entry->delimiter;
  });
  co_return out;
}

}  // namespace

Listener::Listener(Place place, base::Log log, std::function<void()> heard)
    : place_(std::move(place)), log_(std::move(log)), heard_(std::move(heard)) {}

void Listener::stop() {
  stopped_ = true;
  if (client_) client_->close();
}

void Listener::check() {
  if (client_) client_->stop_idling();
}

// One that breaks again and again is begun anew after ever longer pauses.
Listener::Clock::time_point Listener::after(Clock::duration lasted) {
  const auto now = Clock::now();
  broken_ = lasted > kIdle * 2 ? 0 : std::min(broken_ + 1, kLongestPause);
  return broken_ == 0 ? now : now + seconds(1 << (broken_ - 1));
}

asio::awaitable<void> Listener::run(std::shared_ptr<Account> account) {
  running_ = true;  // before the coroutine's first step
  return run_to_end(shared_from_this(), std::move(account));
}

// Whatever ends it, the pass that it asks for finds out whether the server is still there.
asio::awaitable<void> Listener::run_to_end(std::shared_ptr<Listener> self, std::shared_ptr<Account> account) {
  (void)self;
  const auto start = Clock::now();
  std::string why;
  try {
    Connected connected =
        co_await connect(account->config_of(place_.side),
                         {.log = log_, .given = &account->password_of(place_.side), .trace = account->tracing()});
    client_ = std::move(connected.client);
    if (!stopped_ && client_->can("IDLE"))
      co_await listen(*account);
    else
      next_.reset();
  } catch (const std::exception& error) {
    why = error.what();
  }
  const bool was_heard = client_ != nullptr;
  if (next_) next_ = after(Clock::now() - start);
  if (was_heard && client_->was_silent() && !stopped_) account->doubt_connections();
  client_ = nullptr;
  running_ = listening_ = hears_all_ = false;
  if (stopped_) co_return;
  if (!why.empty() && why != last_why_) log_.info("the server is not watched", {{"why", why}});
  last_why_ = why;
  if (was_heard) heard_();
}

asio::awaitable<imap::MailboxName> Listener::name_there(const Account& account) {
  if (place_.mailbox.is_inbox()) co_return imap::MailboxName::inbox();
  const auto delimiter = co_await delimiter_of(*client_);
  const auto name = place_.mailbox.to_name(delimiter, account.prefix_on(place_.side));
  if (!name) throw Failure(base::Reason::InvalidName, place_.mailbox.shown() + " can have no name there");
  co_return *name;
}

// The mailbox is selected also where NOTIFY tells of all: servers differ in what they tell of others.
asio::awaitable<void> Listener::listen(Account& account) {
  auto& client = *client_;
  imap::SelectCommand examine;
  examine.read_only = true;
  examine.mailbox = co_await name_there(account);
  const auto answer = co_await client.execute(examine);
  if (!answer.is_ok()) throw Failure(base::Reason::Failed, place_.mailbox.shown() + ": " + answer.text);
  if (place_.asks_for_all && client.can("NOTIFY")) {
    place_.asks_for_all = false;  // where it breaks at this, IDLE alone is next
    hears_all_ = co_await client.ask_for_news();
    place_.asks_for_all = hears_all_;
  }
  listening_ = true;
  heard_();  // what came between the last pass and this is not told
  while (!stopped_) {
    const bool said = co_await client.idle(kIdle);
    if (hears_all_ && client.lost_news()) {
      place_.asks_for_all = false;
      throw Failure(base::Reason::Limit, "NOTIFY is too much for the server; IDLE is used");
    }
    if (!said || stopped_) continue;
    account.look_again_at(place_.mailbox);
    heard_();
  }
}

}  // namespace mirror
