// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Modified UTF-7 (RFC 3501 section 5.1.3) never writes printable ASCII in base64, so what is written so is ours, and no
// other name can have the same text.
#include "store/maildir/disk_name.h"

#include <algorithm>
#include <array>
#include <optional>

namespace store {

namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
constexpr std::size_t kEscapeSize = 5;  // "&AGM-"

// One printable ASCII character as UTF-16 in base64: 6 + 6 + 4 bits.
std::string escape(char c) {
  const auto octet = static_cast<unsigned char>(c);
  std::string out = "&A";
  out += kDigits[octet >> 4];
  out += kDigits[(octet & 15) << 2];
  return out + '-';
}

std::optional<char> unescape(std::string_view text) {
  for (char c = 0x21; c < 0x7F; ++c)
    if (c != '&' && text == escape(c)) return c;
  return std::nullopt;
}

// Each escape becomes the character that it stands for.
std::string without_escapes(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto c = text[at] == '&' ? unescape(text.substr(at, kEscapeSize)) : std::nullopt;
    out += c ? *c : text[at];
    at += c ? kEscapeSize : 1;
  }
  return out;
}

}  // namespace

bool is_maildir_part(std::string_view entry) { return entry == "cur" || entry == "new" || entry == "tmp"; }

bool is_file_of_a_store(std::string_view entry) {
  constexpr std::array<std::string_view, 9> kFiles{"subscriptions",    "postern-mailbox",  "postern-special-use",
                                                   "dovecot-uidlist",  "dovecot-keywords", "dovecot-uidvalidity",
                                                   "dovecot-acl-list", "dovecot-acl",      "maildirfolder"};
  constexpr std::array<std::string_view, 3> kBeginnings{"dovecot.index", "dovecot.list.index", "dovecot.mailbox.log"};
  // Locks and files that replace them have an ending.
  const auto is_it = [&](std::string_view file) {
    return entry == file || (entry.starts_with(file) && entry[file.size()] == '.');
  };
  return std::ranges::any_of(kFiles, is_it) || std::ranges::any_of(kBeginnings, is_it);
}

std::string escape_first(std::string_view part) {
  if (part.front() <= 0x20 || part.front() >= 0x7F || part.front() == '&') return imap::encode_modified_utf7(part);
  return escape(part.front()) + imap::encode_modified_utf7(part.substr(1));
}

std::string disk_name(std::string_view part) {
  if (part.starts_with('.') || is_maildir_part(part) || is_file_of_a_store(part)) return escape_first(part);
  return imap::encode_modified_utf7(part);
}

std::string dotted_disk_name(std::string_view part) {
  std::string out;
  for (const char c : imap::encode_modified_utf7(part)) {  // whose base64 has no '/'
    if (c == '/')
      out += escape(c);
    else
      out += c;
  }
  return out;
}

imap::MailboxName name_on_disk(const std::string& text, char delimiter) {
  if (auto name = imap::MailboxName::from_modified_utf7(text, delimiter)) return *name;
  if (const auto plain = without_escapes(text); plain != text)
    if (auto name = imap::MailboxName::from_modified_utf7(plain, delimiter)) return *name;
  return imap::MailboxName(text, delimiter);  // plain UTF-8 or whatever it is: kept as it is
}

}  // namespace store
