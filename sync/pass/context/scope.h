// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Scope: which mailboxes are synchronised.
#pragma once

#include <functional>

#include "sync/mailbox_path.h"

namespace mirror {

struct Scope {
  std::function<bool(const MailboxPath&)> matches;  // list-mailbox and ignore-mailbox
  bool only_subscribed = false;                     // on either side
  bool with_parents = false;                        // and mailboxes that such a one is below
  // Of those that do not match: whether other passes synchronise them. Null: there are none.
  std::function<bool(const MailboxPath&)> of_other_passes{};
};

}  // namespace mirror
