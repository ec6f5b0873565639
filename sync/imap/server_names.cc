// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/imap/server_names.h"

#include <algorithm>

#include "proto/flags.h"
#include "proto/mail/digest.h"

namespace mirror {

namespace {

std::string in_quotes(std::string_view name) { return "\"" + std::string(name) + "\""; }

constexpr std::size_t kDigestOctets = 32;

// Of the names as the server writes them.
std::string digest_of(const ServerNames::Listed& listed) {
  mail::Sha256 out;
  for (const auto& [key, one] : listed) {
    out.add(one.wire_name);
    out.add({"\0", 1});
    out.add(std::string(1, one.delimiter.value_or('\0')));
  }
  return out.finish();
}

}  // namespace

bool is_selectable(const imap::ListResponse& listed) {
  return std::ranges::none_of(listed.attributes, [](const auto& one) {
    return imap::equal_ignoring_case(one, "\\Noselect") || imap::equal_ignoring_case(one, "\\NonExistent");
  });
}

std::optional<std::string> personal_prefix(const imap::NamespaceResponse& said) {
  if (said.personal.empty()) return std::nullopt;
  if (std::ranges::any_of(said.personal, [](const auto& entry) { return entry.prefix.empty(); })) return "";
  const auto& entry = said.personal.front();
  if (!entry.delimiter || entry.prefix.back() != *entry.delimiter) return "";
  return imap::MailboxName::from_wire(entry.prefix, *entry.delimiter).utf8();
}

ServerNames::ServerNames(std::string server, std::string reference, KnownNamespace known)
    : server_(std::move(server)),
      prefix_(reference.empty() ? known.prefix : reference),
      configured_(!reference.empty()),
      inbox_apart_(configured_ ? is_below_inbox(reference) : !known.prefix.empty()),
      known_(std::move(known)) {}

void ServerNames::use(const std::string& prefix) {
  prefix_ = prefix;
  inbox_apart_ = !prefix.empty();
  if (known_.remember) known_.remember(prefix);
}

void ServerNames::take(const imap::NamespaceResponse& said) {
  said_prefix_ = personal_prefix(said);
  if (said_prefix_) said_delimiter_ = said.personal.front().delimiter;
  apply_said();
}

// KnownNamespace::said: the digest; where a personal namespace was told of, its delimiter (NUL: none) and its prefix.
bool ServerNames::take_as_before(const Listed& listed) {
  const std::string_view said = known_.said;
  if (said.size() < kDigestOctets || said.substr(0, kDigestOctets) != digest_of(listed)) return false;
  if (said.size() > kDigestOctets) {
    const char delimiter = said[kDigestOctets];
    said_delimiter_ = delimiter == '\0' ? std::nullopt : std::optional(delimiter);
    said_prefix_ = said.substr(kDigestOctets + 1);
  }
  apply_said();
  return true;
}

void ServerNames::remember_said(const Listed& listed) {
  auto said = digest_of(listed);
  if (said_prefix_) said += said_delimiter_.value_or('\0') + *said_prefix_;
  if (said == known_.said || !known_.remember_said) return;
  known_.remember_said(said);
  known_.said = std::move(said);
}

void ServerNames::apply_said() {
  if (!said_prefix_) return;
  if (configured_) {
    inbox_apart_ = inbox_apart_ || *said_prefix_ == prefix_;
    return;
  }
  if (!prefix_.empty() || said_prefix_->empty()) return;
  const auto path = MailboxPath::from_name(imap::MailboxName(*said_prefix_), said_delimiter_, "");
  if (path && !(known_.knows_below && known_.knows_below(*path))) use(*said_prefix_);
}

void ServerNames::begin(const Listed& listed, std::optional<char> delimiter) {
  delimiter_ = delimiter ? delimiter : said_delimiter_;
  names_.clear();
  left_out_.clear();
  const bool differs = said_prefix_ && !configured_ && !prefix_.empty() && *said_prefix_ != prefix_;
  if (differs && std::ranges::none_of(listed, [&](const auto& one) { return is_below_prefix(one.second); }))
    use(*said_prefix_);
}

bool ServerNames::is_below_prefix(const imap::ListResponse& listed) const {
  const char delimiter = listed.delimiter.value_or('\0');
  const imap::MailboxName prefix(prefix_, delimiter);  // "inbox." is "INBOX."
  return imap::MailboxName::from_wire(listed.wire_name, delimiter).utf8().starts_with(prefix.utf8());
}

// nullopt: no path is possible.
std::optional<MailboxPath> ServerNames::path_of(const imap::ListResponse& listed, const imap::MailboxName& name) const {
  if (name.is_inbox() && (prefix_.empty() || inbox_apart_)) return MailboxPath("INBOX");
  const auto cut = is_below_prefix(listed) ? prefix_.size() : 0;  // else somebody else's, or shared
  auto path = MailboxPath::from_name(name, listed.delimiter, name.utf8().substr(0, cut));
  if (path && path->is_inbox() && inbox_apart_) return std::nullopt;
  return path;
}

int ServerNames::rank(const imap::ListResponse& listed) const {
  return (is_below_prefix(listed) ? 0 : 2) + (imap::decode_modified_utf7(listed.wire_name) ? 0 : 1);
}

std::optional<MailboxPath> ServerNames::add(const imap::ListResponse& listed) {
  const auto name = imap::MailboxName::from_wire(listed.wire_name, listed.delimiter.value_or('\0'));
  const bool is_ours = is_below_prefix(listed) || (name.is_inbox() && inbox_apart_);
  if (configured_ && !is_ours) return std::nullopt;
  if (name.utf8() == imap::MailboxName(prefix_, listed.delimiter.value_or('\0')).utf8()) return std::nullopt;
  const auto path = path_of(listed, name);
  if (!path) {
    if (is_selectable(listed))
      leave_out({}, server_ + " has a mailbox that can have no name here, and is left out: " + in_quotes(name.utf8()) +
                        "; rename it there");
    return std::nullopt;
  }
  if (names_.try_emplace(*path, name).first->second == name) return path;
  if (is_selectable(listed))
    leave_out(*path, server_ + " has two mailboxes that are called so here, of which the one that it spells " +
                         in_quotes(name.modified_utf7()) + " is left out; rename it there");
  return std::nullopt;
}

// A mailbox that is not there yet goes below its parent, as the server spells that.
std::optional<imap::MailboxName> ServerNames::below_listed(const MailboxPath& path) const {
  const auto& text = path.text();
  for (auto end = text.rfind('\0'); end != std::string::npos && end > 0; end = text.rfind('\0', end - 1)) {
    const MailboxPath above(text.substr(0, end));
    const auto at = names_.find(above);
    if (at == names_.end() || above.is_inbox()) continue;
    const auto below = MailboxPath(text.substr(end + 1)).to_name(delimiter_, "");
    if (!below || !delimiter_) return std::nullopt;
    return imap::MailboxName::from_wire(
        at->second.modified_utf7() + *delimiter_ + imap::encode_modified_utf7(below->utf8()), *delimiter_);
  }
  return path.to_name(delimiter_, prefix_);
}

base::Result<imap::MailboxName> ServerNames::name_of(const MailboxPath& path) const {
  if (path.is_inbox() && (prefix_.empty() || inbox_apart_)) return imap::MailboxName::inbox();
  if (const auto at = names_.find(path); at != names_.end()) return at->second;
  if (auto name = below_listed(path)) return *name;
  return base::refuse(base::Reason::InvalidName, server_ + " cannot have a mailbox of this name");
}

}  // namespace mirror
