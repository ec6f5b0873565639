// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/mailbox_path.h"

#include <algorithm>

namespace mirror {

std::optional<MailboxPath> MailboxPath::from_name(const imap::MailboxName& name, std::optional<char> delimiter,
                                                  std::string_view reference) {
  std::string_view text = name.utf8();
  if (!text.starts_with(reference)) return std::nullopt;
  std::string out(text.substr(reference.size()));
  if (out.empty() || out.find('\0') != std::string::npos) return std::nullopt;
  if (delimiter && out.back() == *delimiter) out.pop_back();
  if (out.empty()) return std::nullopt;
  if (delimiter) std::replace(out.begin(), out.end(), *delimiter, '\0');
  return MailboxPath(std::move(out));
}

std::optional<imap::MailboxName> MailboxPath::to_name(std::optional<char> delimiter, std::string_view reference) const {
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
