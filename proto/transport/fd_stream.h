// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// FdStream: an end over descriptors that can be polled: a pipe pair, a socket, a terminal. Owns and closes them.
#pragma once

#include <memory>

#include "proto/base/files.h"
#include "proto/transport/stream.h"

namespace transport {

// Reading and writing may be one descriptor (a socket: pass it once) or two. Throws std::system_error where one cannot
// be polled (regular files, /dev/null): base::can_be_polled tells beforehand.
std::unique_ptr<Stream> make_fd_stream(asio::any_io_executor executor, base::FileDescriptor reading,
                                       base::FileDescriptor writing);
std::unique_ptr<Stream> make_socket_stream(asio::any_io_executor executor, base::FileDescriptor socket);

// Two ends connected in memory (a socket pair): for tests and for a session inside one process.
std::pair<std::unique_ptr<Stream>, std::unique_ptr<Stream>> make_stream_pair(asio::any_io_executor executor);

}  // namespace transport
