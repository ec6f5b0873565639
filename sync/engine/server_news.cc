// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/engine/server_news.h"

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

#include "sync/client/connect.h"

namespace mirror {

namespace {

using std::chrono::seconds;

constexpr seconds kIdle{60};                           // then the server is asked whether it is still there
constexpr seconds kFirstPause{1}, kLongestPause{600};  // after one connection is lost, before the next one

}  // namespace

ServerNews::ServerNews(asio::any_io_executor executor, const ServerConfig& server, std::function<void()> news,
                       base::Log log)
    : server_(server), news_(std::move(news)), log_(std::move(log)), pause_(std::move(executor)) {}

void ServerNews::stop() {
  stopping_ = true;
  pause_.cancel();
  if (client_) client_->close();
}

asio::awaitable<void> ServerNews::run() {
  auto pause = kFirstPause;
  while (!stopping_ && !mute_) {
    const auto start = std::chrono::steady_clock::now();
    std::string why;
    try {
      co_await hear();
    } catch (const std::exception& error) {
      why = error.what();
    }
    client_ = nullptr;
    if (stopping_ || mute_) break;
    log_.info("the server is not watched", {{"why", why}});
    news_();  // a pass finds out whether it is still there
    if (std::chrono::steady_clock::now() - start > kIdle * 2) pause = kFirstPause;
    pause_.expires_after(pause);
    asio::error_code ignored;
    co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    pause = std::min(pause * 2, kLongestPause);
  }
}

asio::awaitable<void> ServerNews::hear() {
  auto connected = co_await connect(server_, {.log = log_});
  client_ = std::move(connected.client);
  if (stopping_) co_return;
  mute_ = !client_->can("IDLE");
  if (mute_) {
    log_.warning("the server has neither NOTIFY nor IDLE: it is looked at in intervals alone", {});
    co_return;
  }
  const bool of_all = co_await client_->ask_for_news();
  if (!of_all) {
    imap::SelectCommand examine;
    examine.mailbox = imap::MailboxName("INBOX");
    examine.read_only = true;
    co_await client_->execute(examine);
  }
  log_.info("the server is watched", {{"mailboxes", of_all ? "all" : "INBOX"}});
  news_();  // what came between the last pass and this is not told
  while (!stopping_) {
    const bool said = co_await client_->idle(kIdle);
    if (said) news_();
  }
}

}  // namespace mirror
