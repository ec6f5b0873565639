// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/daemon/held_alerts.h"

#include <utility>

namespace server {

void put_alerts(AlertBoard& board, const std::string& account, const std::vector<mirror::HeldRemovals>& held) {
  std::vector<std::pair<std::string, std::string>> alerts;
  for (const auto& one : held)
    alerts.emplace_back(one.mailbox + (one.here ? " here" : " there"), "Account " + account + ", " + one.sentence);
  board.set(account, alerts);
}

}  // namespace server
