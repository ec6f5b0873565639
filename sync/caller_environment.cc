// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/caller_environment.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

namespace mirror {

namespace {

// What gpg, pass, pinentry, secret-tool and ssh want to know of where their user sits.
constexpr std::array<std::string_view, 14> kOfCaller{"GPG_TTY",
                                                     "GNUPGHOME",
                                                     "PINENTRY_USER_DATA",
                                                     "PASSWORD_STORE_DIR",
                                                     "SSH_AUTH_SOCK",
                                                     "SSH_AGENT_PID",
                                                     "SSH_ASKPASS",
                                                     "DISPLAY",
                                                     "XAUTHORITY",
                                                     "WAYLAND_DISPLAY",
                                                     "XDG_RUNTIME_DIR",
                                                     "XDG_SESSION_TYPE",
                                                     "TERM",
                                                     "DBUS_SESSION_BUS_ADDRESS"};

}  // namespace

bool is_of_caller(const std::string& variable) {
  return std::ranges::find(kOfCaller, std::string_view(variable).substr(0, variable.find('='))) != kOfCaller.end() &&
         variable.find('=') != std::string::npos &&
         variable.find_first_of(std::string_view("\n\0", 2)) == std::string::npos;
}

std::vector<std::string> environment_of_caller() {
  std::vector<std::string> out;
  for (const auto name : kOfCaller) {
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr) continue;
    auto variable = std::string(name) + '=' + value;
    if (is_of_caller(variable)) out.push_back(std::move(variable));
  }
  return out;
}

}  // namespace mirror
