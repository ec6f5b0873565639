// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Verify: compares both sides message by message, and with what is agreed. Changes nothing.
#pragma once

#include <asio/awaitable.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "sync/account/account.h"

namespace mirror {

struct VerifyResult {
  std::vector<std::string> differences;  // sentences
  std::uint64_t messages = 0;
  std::size_t mailboxes = 0;
};

// UID map, flags, sizes and text (digests). Throws as a pass does.
asio::awaitable<VerifyResult> verify(Account& account);

}  // namespace mirror
