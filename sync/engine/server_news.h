// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ServerNews: hears whether anything changes on a server: NOTIFY (RFC 5465) where the server has it, else IDLE on
// INBOX.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>

#include <functional>
#include <memory>

#include "proto/base/log.h"
#include "sync/client/client.h"
#include "sync/config/config.h"

namespace mirror {

class ServerNews {
 public:
  // `news` is called when something may have changed, and when the connection is lost.
  ServerNews(asio::any_io_executor executor, const ServerConfig& server, std::function<void()> news, base::Log log);

  // Until stop(), or until it is known that the server can do neither. A connection that is lost is made anew after
  // pauses that double.
  asio::awaitable<void> run();
  void stop();  // from the same thread

 private:
  asio::awaitable<void> hear();

  ServerConfig server_;
  std::function<void()> news_;
  base::Log log_;
  asio::steady_timer pause_;
  std::unique_ptr<Client> client_;
  bool stopping_ = false, mute_ = false;
};

}  // namespace mirror
