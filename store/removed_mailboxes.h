// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A state that the store itself keeps for others: which mailboxes were removed by DELETE. Behind this the mailbox's
// name; the value is the UIDVALIDITY that it had.
#pragma once

#include <string_view>

namespace store {

constexpr std::string_view kMailboxRemoved = "mailbox-removed/";

}  // namespace store
