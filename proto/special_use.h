// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The special uses of mailboxes that we know (RFC 6154 section 2).
#pragma once

#include <array>
#include <string_view>

namespace imap {

inline constexpr std::array<std::string_view, 7> kSpecialUses{"\\All",  "\\Archive", "\\Drafts", "\\Flagged",
                                                              "\\Junk", "\\Sent",    "\\Trash"};

}  // namespace imap
