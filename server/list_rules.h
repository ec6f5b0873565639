// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Which names LIST and LSUB answer, and with which attributes (RFC 5258, RFC 6154).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proto/command/list.h"
#include "proto/list_pattern.h"
#include "proto/mailbox_name.h"
#include "proto/response/list.h"
#include "store/mail_store.h"

namespace server {

// Reference and patterns as one; INBOX is matched without regard to case.
class NamePatterns {
 public:
  NamePatterns(std::string_view reference, const std::vector<std::string>& patterns, char delimiter);
  bool matches(const imap::MailboxName& name) const;

 private:
  std::vector<imap::ListPattern> patterns_;
  bool inbox_ = false;
};

// The mailboxes of a store, and which of them a command's patterns match. To match takes time where patterns are long
// or many: it is a worker's job.
struct Listing {
  Listing(std::vector<store::MailboxEntry> all, const NamePatterns& patterns);

  std::vector<store::MailboxEntry> entries;
  std::vector<bool> matches;
};

using ChildInfo = std::vector<std::string>;

bool is_chosen(const store::MailboxEntry& entry, const imap::ListCommand::Select& select);
// Which of the selection options something below entries[parent] fulfils that the patterns do not match themselves.
ChildInfo chosen_below(const Listing& listing, std::size_t parent, const imap::ListCommand::Select& select,
                       char delimiter);
std::vector<std::string> list_attributes(const store::MailboxEntry& entry, const imap::ListCommand& command);

imap::ListResponse list_root(char delimiter, bool lsub);  // the answer to an empty pattern: the delimiter

}  // namespace server
