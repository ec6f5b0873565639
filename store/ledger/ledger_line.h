// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// An entry of the ledger as a line of text. DO NOT CHANGE its form: it is on users' disks.
//
// Fields with tabs between them: when, what (a letter), mailbox's id, its name, UIDs, MODSEQ, by whom, flags added,
// flags removed (spaces between), Message-ID, id of the mailbox where they come from, UIDs there, text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/ledger.h"

namespace store {

std::string encode(const LedgerEntry& entry);                          // with its line end
std::optional<LedgerEntry> decode_ledger_line(std::string_view line);  // nullopt: it is damaged

}  // namespace store
