// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The index's record of a column of ranks (key_columns.h), so that a mailbox is sorted soon after a restart. It can be
// made again. DO NOT CHANGE it: it is on users' disks; a new version gets a new first octet.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "proto/numbers.h"
#include "proto/search/sort_order.h"
#include "store/mailbox/search/key_columns.h"

namespace store {

char octet_of(imap::SortKey key);  // in the record's key

// Version (1), the version of the texts that were ranked (1), then varints: UIDVALIDITY, how many, and for each message
// how far its UID is above the one before, and its rank.
std::string encode(const RankColumn& column, imap::UidValidity uid_validity);
// nullptr: it is damaged, of another version, or of another UIDVALIDITY.
std::shared_ptr<RankColumn> decode_ranks(std::string_view record, imap::UidValidity uid_validity);

}  // namespace store
