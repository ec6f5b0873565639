// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "proto/flags.h"
#include "server/list_rules.h"

namespace server {

namespace {

// "inbox", alone or as the first component, is INBOX.
std::string with_inbox(std::string pattern, char delimiter) {
  constexpr std::string_view kInbox = "INBOX";
  const bool ends =
      pattern.size() == kInbox.size() ||
      (pattern.size() > kInbox.size() &&
       (pattern[kInbox.size()] == delimiter || pattern[kInbox.size()] == '*' || pattern[kInbox.size()] == '%'));
  if (ends && imap::equal_ignoring_case(std::string_view(pattern).substr(0, kInbox.size()), kInbox))
    pattern.replace(0, kInbox.size(), kInbox);
  return pattern;
}

std::string upper_case(std::string text) {
  for (auto& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return text;
}

}  // namespace

NamePatterns::NamePatterns(std::string_view reference, const std::vector<std::string>& patterns, char delimiter) {
  for (const auto& pattern : patterns) {
    const auto whole = std::string(reference) + pattern;
    patterns_.emplace_back(with_inbox(whole, delimiter), delimiter);
    const imap::ListPattern upper(upper_case(whole), delimiter);
    inbox_ = inbox_ || upper.matches("INBOX");
  }
}

bool NamePatterns::matches(const imap::MailboxName& name) const {
  if (name.is_inbox()) return inbox_;
  return std::ranges::any_of(patterns_, [&](const auto& pattern) { return pattern.matches(name.utf8()); });
}

Listing::Listing(std::vector<store::MailboxEntry> all, const NamePatterns& patterns) : entries(std::move(all)) {
  matches.reserve(entries.size());
  for (const auto& entry : entries) matches.push_back(patterns.matches(entry.name));
}

bool is_chosen(const store::MailboxEntry& entry, const imap::ListCommand::Select& select) {
  if (select.subscribed && !entry.subscribed) return false;
  if (select.special_use && entry.special_use.empty()) return false;
  return select.subscribed || entry.exists || entry.has_children;
}

ChildInfo chosen_below(const Listing& listing, std::size_t parent, const imap::ListCommand::Select& select,
                       char delimiter) {
  const auto& above = listing.entries[parent].name;
  bool subscribed = false, special_use = false;
  for (std::size_t i = 0; i < listing.entries.size(); ++i) {
    const auto& entry = listing.entries[i];
    if (listing.matches[i] || !entry.name.is_below(above, delimiter)) continue;
    subscribed = subscribed || (select.subscribed && entry.subscribed);
    special_use = special_use || (select.special_use && !entry.special_use.empty());
  }
  ChildInfo out;
  if (subscribed) out.emplace_back("SUBSCRIBED");
  if (special_use) out.emplace_back("SPECIAL-USE");
  return out;
}

std::vector<std::string> list_attributes(const store::MailboxEntry& entry, const imap::ListCommand& command) {
  std::vector<std::string> out;
  const bool extended = command.extended;
  if (!entry.exists)
    out.emplace_back(extended ? "\\NonExistent" : "\\Noselect");
  else if (!entry.selectable)
    out.emplace_back("\\Noselect");
  if (command.select.subscribed || (command.returns && command.returns->subscribed))
    if (entry.subscribed) out.emplace_back("\\Subscribed");
  out.emplace_back(entry.has_children ? "\\HasChildren" : "\\HasNoChildren");
  out.insert(out.end(), entry.special_use.begin(), entry.special_use.end());
  return out;
}

imap::ListResponse list_root(char delimiter, bool lsub) {
  imap::ListResponse out;
  out.lsub = lsub;
  out.attributes = {"\\Noselect"};
  out.delimiter = delimiter;
  return out;
}

}  // namespace server
