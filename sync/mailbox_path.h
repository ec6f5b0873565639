// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// MailboxPath: a mailbox's name without a hierarchy delimiter, so that it means the same on both sides.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "proto/mailbox_name.h"

namespace mirror {

// Components in UTF-8 with NUL between them, as InterIMAP's \x00. INBOX is "INBOX" on each side.
class MailboxPath {
 public:
  MailboxPath() = default;
  explicit MailboxPath(std::string text) : text_(std::move(text)) {}

  // `reference` is cut off; nullopt where the name does not begin with it. INBOX is INBOX also where the others are
  // below "INBOX.". No delimiter: a flat name.
  static std::optional<MailboxPath> from_name(const imap::MailboxName& name, std::optional<char> delimiter,
                                              std::string_view reference);
  // nullopt where a component holds the delimiter, so that this side cannot have the mailbox.
  std::optional<imap::MailboxName> to_name(std::optional<char> delimiter, std::string_view reference) const;

  const std::string& text() const { return text_; }
  std::string shown() const;  // for a person: '/' between components
  bool is_inbox() const { return text_ == "INBOX"; }
  bool empty() const { return text_.empty(); }
  bool is_below(const MailboxPath& other) const { return text_.starts_with(other.text_ + '\0'); }
  auto operator<=>(const MailboxPath&) const = default;

 private:
  std::string text_;
};

bool is_below_inbox(std::string_view reference);  // "INBOX.", "inbox/", "INBOX.mail.", ...

}  // namespace mirror
