// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Which mailboxes `postern allow` and `postern restore` mean.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sync/command/command.h"

namespace mirror {

struct LossesOfMailbox {
  MailboxRecord record;
  Absences absences;
};

// [ACCOUNT] [MAILBOX...]: those of the mailboxes (all, where none is named) that have lost messages which are not
// removed on the other side yet. nullopt: it was said what is wrong.
asio::awaitable<std::optional<std::vector<LossesOfMailbox>>> find_losses(Account& account,
                                                                         std::vector<std::string> words,
                                                                         CommandOutput& output);

}  // namespace mirror
