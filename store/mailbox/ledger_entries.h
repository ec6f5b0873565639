// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What the ledger says of a change of a mailbox. Asked after the commit, while memory is as it was before.
#pragma once

#include <vector>

#include "store/ledger.h"
#include "store/mailbox/change.h"

namespace store {

void add_ledger_entries(const Draft& draft, std::vector<LedgerEntry>& entries);

}  // namespace store
