// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Asking the process that owns a store; where there is none, one is started in the background. Several that do so at
// once get the same one: the store's lock decides.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "proto/base/files.h"

namespace store {

struct OwnerStart {
  std::filesystem::path program;  // imapd
  std::filesystem::path store;
  std::vector<std::string> arguments;  // behind "--owner --store STORE --log-file …"
};

// Sends a request (request_line()) and returns the connection when the owner has taken it. Else an exit code as in
// sysexits.h, and what went wrong was said on standard error.
std::expected<base::FileDescriptor, int> ask_owner(const OwnerStart& start, const std::string& request,
                                                   const std::vector<int>& descriptors);

}  // namespace store
