// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Client: IDLE and NOTIFY.
#include <system_error>
#include <utility>

#include "sync/client/client.h"
#include "sync/client/client_watch.h"
#include "sync/client/wire_trace.h"

namespace mirror {

// There is no such command among those that are printed and parsed: our server does not have it.
asio::awaitable<bool> Client::ask_for_news() {
  if (!can("NOTIFY")) co_return false;
  const auto ticket = ++last_ticket_;
  auto tag = std::to_string(ticket);
  const auto text = tag +
                    " NOTIFY SET (selected (MessageNew MessageExpunge FlagChange)) (personal (MessageNew "
                    "MessageExpunge FlagChange MailboxName SubscriptionChange))\r\n";
  trace_sent(options_.log, text);
  connection_.output() += text;
  pending_.push_back({ticket, std::move(tag), {}, {}, std::nullopt});
  const auto answer = co_await end(ticket);
  co_return answer.is_ok();
}

asio::awaitable<bool> Client::idle(std::chrono::seconds at_most) {
  const auto ticket = co_await begin(imap::IdleCommand{});
  doubt();  // what the server says to this costs it nothing
  co_await wait_for_continue(ticket);
  if (const auto* pending = find(ticket); pending && pending->status) {
    const auto answer = co_await end(ticket);
    fail(base::Reason::Unsupported, "refuses IDLE: " + answer.text);
  }
  idling_ = true;
  said_ = false;
  const auto timer = stop_idling_after(at_most);
  std::exception_ptr fault;
  try {
    while (!find(ticket)->status) {
      auto frame = co_await connection_.read_frame();
      if (!frame) fail(base::Reason::ConnectionLost, "closed the connection");
      auto response = understand(*frame);
      const bool alive = std::holds_alternative<imap::TaggedResponse>(response);  // "* OK still here"
      const bool before = said_;
      take(response);
      if (alive) said_ = before;
      if (said_) stop_idling();
    }
  } catch (...) {
    fault = std::current_exception();
  }
  timer->cancel();
  const bool said_done = !std::exchange(idling_, false);
  try {
    co_await saying_done_.join();
  } catch (const std::system_error&) {
    // The reader has seen it too.
  }
  if (said_done) watch_->end();
  if (watch_->late_after) fail(base::Reason::ConnectionLost, "did not answer");
  if (fault) std::rethrow_exception(fault);
  co_await end(ticket);
  co_return said_;
}

std::shared_ptr<asio::steady_timer> Client::stop_idling_after(std::chrono::seconds time) {
  auto timer = std::make_shared<asio::steady_timer>(connection_.stream().executor(), time);
  timer->async_wait([this, timer, watch = watch_](asio::error_code error) {
    if (!error && watch->meter) stop_idling();
  });
  return timer;
}

void Client::stop_idling() {
  if (!idling_) return;
  idling_ = false;
  watch_->begin();
  watch_->doubt();
  connection_.output() += "DONE\r\n";
  saying_done_.start(connection_.stream().executor(), connection_.flush());
}

}  // namespace mirror
