// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Listening: Unix and TCP sockets; each client as a Stream.
#pragma once

#include <asio/any_io_executor.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "proto/base/files.h"
#include "proto/transport/stream.h"

namespace transport {

// A bound and listening socket. Failures throw std::system_error that names the address.
base::FileDescriptor listen_unix(const std::filesystem::path& path);  // replaces a dead socket file; mode 0600
base::FileDescriptor listen_tcp(const std::string& host, const std::string& port);
std::string peer_address(int socket);   // "127.0.0.1", "?" where it is not known
std::string local_address(int socket);  // "127.0.0.1:1143", "/run/.../socket"
bool is_loopback(const std::string& host);

// Accepts until destroyed; f is called on the executor with each client's socket.
class Acceptor {
 public:
  Acceptor(asio::any_io_executor executor, base::FileDescriptor socket, std::function<void(base::FileDescriptor)> f);
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace transport
