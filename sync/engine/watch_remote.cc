// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What the server says between passes: IDLE on INBOX.
#include "sync/engine/engine.h"
#include "sync/imap/connect.h"

namespace mirror {

namespace {

constexpr std::chrono::seconds kWatchAgain{30};
constexpr std::chrono::seconds kIdle{240};  // NAT boxes forget sooner than the 29 minutes of RFC 2177

}  // namespace

// Until the server goes away; the pass that this asks for finds out whether it is still there.
asio::awaitable<void> Engine::watch_remote(std::shared_ptr<Account> account) {
  watching_ = true;
  next_watch_ = std::chrono::steady_clock::now() + kWatchAgain;
  std::string why;
  try {
    Connected connected =
        co_await connect(account->config().remote, {.log = log_, .given = &account->remote_password()});
    watcher_ = std::move(connected.client);
    if (!stopping_ && watcher_->can("IDLE")) {
      imap::SelectCommand examine;
      examine.mailbox = imap::MailboxName("INBOX");
      examine.read_only = true;
      const auto answer = co_await watcher_->execute(examine);
      while (answer.is_ok() && !stopping_ && account == account_) {
        const bool said = co_await watcher_->idle(kIdle);
        if (!said) continue;
        account->look_again_at(MailboxPath("INBOX"));
        kick();
      }
    } else {
      next_watch_ = std::chrono::steady_clock::time_point::max();
    }
  } catch (const std::exception& error) {
    why = error.what();
  }
  const bool was_watched = watcher_ != nullptr;
  watcher_ = nullptr;
  watching_ = false;
  if (!why.empty() && !stopping_) log_.info("the server is not watched", {{"why", why}});
  if (was_watched) kick();
}

}  // namespace mirror
