// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// PrefixNotes: which account of a store has had which prefix, also once its configuration is gone: what is below the
// prefix is its mail, and goes to nobody else's server until a person says so (postern forget).
#pragma once

#include <string>
#include <vector>

#include "store/mail_store.h"

namespace mirror {

struct PrefixNote {
  std::string database;  // the account's state
  std::string prefix;    // never empty
  std::string name;      // as it was called last
  bool operator==(const PrefixNote&) const = default;
};

std::vector<PrefixNote> prefix_notes(store::MailStore& mail_store);
void put_prefix_note(store::MailStore& mail_store, const PrefixNote& note);  // durable
void forget_prefix_note(store::MailStore& mail_store, const std::string& database);

}  // namespace mirror
