// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A command of postern's that this process runs for another one: what it says goes over the control socket
// (store/owner/control_socket.h), whose end cancels it. All of it arrives, however slowly it is read.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <functional>
#include <string>
#include <vector>

#include "proto/base/files.h"
#include "store/owner/control_socket.h"
#include "sync/engine/engine.h"

namespace mirror {

// Calls f with what the other process asks for, and the connection; not at all where it is another user's, or says
// nothing that is a request. Who says nothing yet holds up nobody.
using TakeRequest = std::function<void(base::FileDescriptor socket, store::Request request)>;
void await_request(const asio::any_io_executor& executor, base::FileDescriptor socket, TakeRequest f);

// Answers whether it is taken: not where the other process is of another version.
bool take_request(int socket, const store::Request& request);
bool is_for_command(const store::Request& request);

// words: variables of the caller's environment, configuration file, account, command, its arguments.
asio::awaitable<void> run_for(Engine& engine, asio::any_io_executor executor, base::FileDescriptor socket,
                              std::vector<std::string> words);

}  // namespace mirror
