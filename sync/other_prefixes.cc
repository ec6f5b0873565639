// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/other_prefixes.h"

#include <algorithm>

namespace mirror {

namespace {

bool is_inside(const std::string& prefix, std::string_view own) { return prefix != own && prefix.starts_with(own); }

}  // namespace

bool is_of_another(const imap::MailboxName& name, char delimiter, std::string_view own,
                   const std::vector<std::string>& others) {
  const std::string& text = name.utf8();
  return std::ranges::any_of(others, [&](const std::string& prefix) {
    return is_inside(prefix, own) && (text.starts_with(prefix) || text + delimiter == prefix);
  });
}

bool holds_of_another(const imap::MailboxName& name, char delimiter, std::string_view own,
                      const std::vector<std::string>& others) {
  const auto below = name.utf8() + delimiter;
  return std::ranges::any_of(
      others, [&](const std::string& prefix) { return is_inside(prefix, own) && prefix.starts_with(below); });
}

bool is_of_another(const MailboxPath& path, std::string_view own, const std::vector<std::string>& others) {
  for (const char delimiter : {'/', '.'})
    if (const auto name = path.to_name(delimiter, own); name && is_of_another(*name, delimiter, own, others))
      return true;
  return false;
}

}  // namespace mirror
