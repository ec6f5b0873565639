// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// UnixAddress: a path as a socket's address. One that is too long for an address is reached through its directory,
// which is open as long as this lives.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <filesystem>

#include "proto/base/files.h"

namespace base {

class UnixAddress {
 public:
  // Throws std::system_error where the directory of a long path cannot be opened.
  explicit UnixAddress(const std::filesystem::path& path);
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address_); }
  static constexpr socklen_t size() { return sizeof(sockaddr_un); }

 private:
  sockaddr_un address_{};
  FileDescriptor directory_;
};

}  // namespace base
