// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Dialling: a tunnel command or a TCP connection, as a Stream.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "proto/transport/stream.h"

namespace transport {

// Runs the command by /bin/sh -c with its stdin and stdout as the stream. Closing it ends the command (end of input,
// then SIGTERM) and reaps it. environment: NAME=VALUE, which take the place of this process's own.
std::unique_ptr<Stream> dial_tunnel(asio::any_io_executor executor, const std::string& command, bool null_stderr,
                                    const std::vector<std::string>& environment = {});

// Tries each address of the host in turn. Throws std::system_error whose text names host and port.
asio::awaitable<std::unique_ptr<Stream>> dial_tcp(std::string host, std::string port,
                                                  std::chrono::milliseconds timeout);

}  // namespace transport
