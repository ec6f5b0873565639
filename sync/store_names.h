// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How an account's mailboxes are called in the built-in store.
#pragma once

#include <string>

namespace mirror {

struct StoreNames {
  std::string reference;  // the account's prefix, UTF-8
  char delimiter = '/';   // the store's, or what another tool has put between the parts of a name
};

}  // namespace mirror
