// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A mailbox that was on both sides and is missing on one: whether it has another name there, and what settles it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sync/replica.h"

namespace mirror {

using WhereItStands = std::vector<std::pair<MailboxPath, SideState>>;

// missing: known, and gone on this side, as it stood there; listed: what is on this side; unknown: those of it that are
// on this side only, and never were on both. A server keeps UIDVALIDITY and UIDs when it renames a mailbox. Old name to
// new name; where several could be meant, or the server gives one UIDVALIDITY to several mailboxes, none.
std::map<MailboxPath, MailboxPath> find_renamed(const WhereItStands& missing, const WhereItStands& listed,
                                                const std::set<MailboxPath>& unknown);

// A mailbox's name as a shell takes it as one word.
std::string in_shell(const MailboxPath& path);

// What is said of a mailbox whose new name the configuration leaves out, without its old one.
std::string hidden_sentence(const MailboxPath& new_path, const std::string& side);
// What is said where another one has the new name on the other side, `there`.
std::string taken_sentence(const MailboxPath& path, const MailboxPath& new_path, const std::string& side,
                           const std::string& there);
// What is said of a missing mailbox, without its name; new_path: where it has another name there.
std::string missing_sentence(const MailboxPath& path, const MailboxPath* new_path, const std::string& side);

}  // namespace mirror
