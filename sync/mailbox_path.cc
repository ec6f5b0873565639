// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/mailbox_path.h"

#include <algorithm>

#include "proto/flags.h"

namespace mirror {

bool is_below_inbox(std::string_view reference) {
  constexpr std::string_view kInbox = "INBOX", kDelimiters = "./\\|^";
  return reference.size() > kInbox.size() && imap::equal_ignoring_case(reference.substr(0, kInbox.size()), kInbox) &&
         kDelimiters.find(reference[kInbox.size()]) != std::string_view::npos;
}

std::optional<MailboxPath> MailboxPath::from_name(const imap::MailboxName& name, std::optional<char> delimiter,
                                                  std::string_view reference) {
  const std::string_view text = name.utf8();
  const bool inbox_is_apart = is_below_inbox(reference);
  if (inbox_is_apart && name.is_inbox()) return MailboxPath("INBOX");
  if (!text.starts_with(reference)) return std::nullopt;
  // "INBOX.inbox" below "INBOX." would be called INBOX here.
  auto out = imap::MailboxName(text.substr(reference.size()), delimiter.value_or('\0')).utf8();
  if (out.empty() || out.find('\0') != std::string::npos || (inbox_is_apart && out == "INBOX")) return std::nullopt;
  if (delimiter && out.back() == *delimiter) out.pop_back();
  if (out.empty()) return std::nullopt;
  if (delimiter) std::replace(out.begin(), out.end(), *delimiter, '\0');
  return MailboxPath(std::move(out));
}

std::optional<imap::MailboxName> MailboxPath::to_name(std::optional<char> delimiter, std::string_view reference) const {
  if (is_inbox() && is_below_inbox(reference)) return imap::MailboxName::inbox();
  std::string out = text_;
  if (delimiter) {
    if (out.find(*delimiter) != std::string::npos) return std::nullopt;
    std::replace(out.begin(), out.end(), '\0', *delimiter);
  } else if (out.find('\0') != std::string::npos) {
    return std::nullopt;
  }
  return imap::MailboxName(std::string(reference) + out, delimiter.value_or('\0'));
}

std::string MailboxPath::shown() const {
  std::string out = text_;
  std::replace(out.begin(), out.end(), '\0', '/');
  return out;
}

}  // namespace mirror
