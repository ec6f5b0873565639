// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Marks: whether the message with a UID is still the one that was paired. A server that was restored from a backup
// gives the UIDs that it has used since to other messages, with the same UIDVALIDITY and, after some time, a higher
// UIDNEXT and HIGHESTMODSEQ; neither tells.
#pragma once

#include <cstdint>
#include <string_view>

#include "proto/literal.h"

namespace mirror {

// Of a Message-ID. 0: it has none, so that nothing is known. DO NOT CHANGE: it is in journals.
std::uint64_t mark_of(std::string_view message_id);
std::uint64_t mark_of_text(const imap::Literal& text);

}  // namespace mirror
