// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Which mailboxes of the local side are another account's: those below its prefix. They are never listed, opened, made,
// removed or renamed for this one, so that no account's mail is sent to another's server.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/mailbox_path.h"

namespace mirror {

// What the others' prefixes are now (list-reference of [local], UTF-8).
using OtherPrefixes = std::function<std::vector<std::string>()>;

// own: this account's prefix. Only what lies inside of it can be meant; what lies around it is not ours anyway.
bool is_of_another(const imap::MailboxName& name, char delimiter, std::string_view own,
                   const std::vector<std::string>& others);
// Whether something below this name is.
bool holds_of_another(const imap::MailboxName& name, char delimiter, std::string_view own,
                      const std::vector<std::string>& others);
// Where the delimiter is not known.
bool is_of_another(const MailboxPath& path, std::string_view own, const std::vector<std::string>& others);

}  // namespace mirror
