// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What the sync says to people. CommandLink: a command of postern's that this owner runs: what it says goes over the
// control socket (store/owner/control_socket.h), whose end cancels it. All of it arrives, however slowly it is read.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>

#include <string>
#include <vector>

#include "proto/base/files.h"
#include "server/alert_board.h"
#include "sync/engine/engine.h"

namespace server {

// words: variables of the caller's environment, configuration file, account, command, its arguments.
asio::awaitable<void> run_for(mirror::Engine& engine, asio::io_context& io, base::FileDescriptor socket,
                              std::vector<std::string> words);

// What of this account waits for a person's word is told to the users of all sessions.
void put_alerts(AlertBoard& board, const std::string& account, const std::vector<mirror::HeldRemovals>& held);

}  // namespace server
