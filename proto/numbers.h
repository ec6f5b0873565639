// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The numbers of IMAP (RFC 9051 section 2.3.1, RFC 7162), which do not mix.
#pragma once

#include <cstdint>

#include "proto/base/strong_number.h"

namespace imap {

using Uid = base::StrongNumber<struct UidTag, std::uint32_t>;                  // 1..2^32-1; 0 is "none"
using UidValidity = base::StrongNumber<struct UidValidityTag, std::uint32_t>;  // 0 is "none"
using SeqNum = base::StrongNumber<struct SeqNumTag, std::uint32_t>;            // 1..EXISTS
using ModSeq = base::StrongNumber<struct ModSeqTag, std::uint64_t>;            // 63 bits; 0 is "none"

}  // namespace imap
