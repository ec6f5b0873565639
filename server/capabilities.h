// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What this server announces. Nothing is named here that does not work.
#pragma once

#include <string>
#include <vector>

namespace server {

struct CapabilitySituation {
  bool authenticated = false;
  bool can_start_tls = false;
  bool login_disabled = false;
  bool can_compress = true;
};

std::vector<std::string> capabilities(const CapabilitySituation& situation);

}  // namespace server
