// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Disk names: what a part of a mailbox's name is called in the file system: modified UTF-7, as Dovecot has it, and with
// one character written in base64 where the plain text would be in the way of something else ("&AGM-ur" for "cur").
#pragma once

#include <string>
#include <string_view>

#include "proto/mailbox_name.h"

namespace store {

bool is_maildir_part(std::string_view entry);     // cur, new, tmp
bool is_file_of_a_store(std::string_view entry);  // the name of a file that Postern or Dovecot keeps beside mailboxes

// The first character is written in base64.
std::string escape_first(std::string_view part);
// Of a fs store: escaped where the plain name begins with '.', or is that of a Maildir's part or of a store's file.
std::string disk_name(std::string_view part);
// Of a maildir++ store: a '/' is escaped.
std::string dotted_disk_name(std::string_view part);

// The name that a directory's entry stands for. Text that is neither modified UTF-7 nor escaped stays as it is.
imap::MailboxName name_on_disk(const std::string& text, char delimiter);

}  // namespace store
