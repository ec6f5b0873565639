// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Finds what other synchronisers have left of the mailboxes of a store: mbsync's `.mbsyncstate` where it lies beside
// the mail, and what the configuration names (switch-from).
#pragma once

#include <filesystem>
#include <memory>

#include "store/mail_store.h"
#include "sync/store_names.h"
#include "sync/tool_state.h"

namespace mirror {

// used: a file that remembers which states were used.
std::unique_ptr<ToolStates> make_tool_states(store::MailStore& mail_store, StoreNames names, SwitchFrom from,
                                             std::filesystem::path used);

}  // namespace mirror
