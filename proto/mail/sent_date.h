// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// When a message says that it was sent.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "proto/date_time.h"

namespace mail {

// What a Date field says, in the zone it says it in. nullopt: it cannot be read.
std::optional<imap::Date> sent_date(std::string_view value);
// When a message says that it was sent: its Date field with time and zone, in seconds since 1970.
std::optional<std::int64_t> sent_time(std::string_view header);
// What SORT and THREAD compare of a Date field: seconds since 1970, 32 bits of them, as Dovecot keeps it. 0: it cannot
// be read, and INTERNALDATE stands for it.
std::uint32_t sorted_date(std::string_view value);

}  // namespace mail
