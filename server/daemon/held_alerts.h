// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What of an account waits for a person's word is told to the users of all sessions.
#pragma once

#include <string>
#include <vector>

#include "server/alert_board.h"
#include "sync/engine/engine.h"

namespace server {

void put_alerts(AlertBoard& board, const std::string& account, const std::vector<mirror::HeldRemovals>& held);

}  // namespace server
