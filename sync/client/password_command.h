// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// GivenPassword: what a password-command has printed. It is asked once for all connections of an account, also for
// those that are made while it waits for somebody to type, and again when a login with it was refused.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/log.h"
#include "sync/config/config.h"

namespace mirror {

class GivenPassword {
 public:
  // Throws Failure (Configuration) where the command gives none.
  asio::awaitable<base::Secret> get(const ServerConfig& config);
  void forget(const base::Secret& refused);  // where it is this one
  bool is_known() const { return password_.has_value(); }

  // Of whoever asks for a pass (sync/caller_environment.h), for commands that need his terminal, display or agent.
  std::vector<std::string> environment;

 private:
  std::optional<base::Secret> password_;
  std::shared_ptr<asio::steady_timer> asking_;  // ends with the answer
};

}  // namespace mirror
