// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// MailboxName: a mailbox's name, decoded (UTF-8, normalised as given), INBOX-aware; modified UTF-7; LIST patterns.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace imap {

// A value; says nothing about whether a store can hold it. The hierarchy delimiter belongs to the store, not to the
// name.
class MailboxName {
 public:
  MailboxName() = default;
  // "inbox" in any case becomes INBOX, and so does a first component "inbox" before the delimiter (if one is given).
  explicit MailboxName(std::string_view utf8, char delimiter = 0);

  static MailboxName inbox() { return MailboxName("INBOX"); }
  static std::optional<MailboxName> from_modified_utf7(std::string_view text,
                                                       char delimiter = 0);  // nullopt: not valid

  // As a server writes it, which may be no modified UTF-7 at all ("R&D", raw UTF-8 or Latin-1, ASCII in base64): utf8()
  // is what a person reads, modified_utf7() what that server wrote.
  static MailboxName from_wire(std::string_view text, char delimiter = 0);

  const std::string& utf8() const { return name_; }
  std::string modified_utf7() const;
  bool is_inbox() const { return name_ == "INBOX"; }
  bool empty() const { return name_.empty(); }

  std::vector<std::string> components(char delimiter) const;
  std::optional<MailboxName> parent(char delimiter) const;
  bool is_below(const MailboxName& ancestor, char delimiter) const;

  auto operator<=>(const MailboxName&) const = default;

 private:
  std::string name_;
  std::string wire_;  // where a server writes it otherwise
};

std::string encode_modified_utf7(std::string_view utf8);                 // RFC 3501 section 5.1.3
std::optional<std::string> decode_modified_utf7(std::string_view text);  // nullopt: not valid modified UTF-7
bool is_valid_utf8(std::string_view bytes);

}  // namespace imap
