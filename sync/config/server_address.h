// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ServerAddress: how a person writes a server: `imap.example.org`, `h:993`, `imaps://me@h:993`.
#pragma once

#include <string>
#include <string_view>

#include "proto/base/result.h"

namespace mirror {

struct ServerAddress {
  std::string type = "imaps";  // or imap
  std::string host;            // without brackets
  std::string port;            // empty: the type's
  std::string user;            // may hold an @; empty: not said
  bool operator==(const ServerAddress&) const = default;
};

// imap://, imaps://; port 143 alone means imap. `user%40example.org@host` too. Refuses (Usage).
base::Result<ServerAddress> parse_server_address(std::string_view text);

}  // namespace mirror
