// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Names and patterns of mailboxes in mbsync's configuration, as ours has them.
#pragma once

#include <string>

namespace mirror::mbsync {

// A name with \x00 between its parts, as list-mailbox takes it.
std::string with_nuls(const std::string& name);
// A pattern as an expression on names with NUL between their parts, for ignore-mailbox.
std::string expression_of(const std::string& pattern);

}  // namespace mirror::mbsync
