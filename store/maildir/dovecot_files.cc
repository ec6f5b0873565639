// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/maildir/dovecot_files.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "proto/base/files.h"
#include "proto/base/lines.h"
#include "store/maildir/maildir.h"

namespace store {

namespace {

template <class F>
void for_each_line(std::string_view text, F f) {
  while (const auto line = base::take_line(text)) f(*line);
}

std::uint32_t number(std::string_view text) {
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// What IMAP can say as a keyword (RFC 9051 section 9: flag-keyword).
bool is_atom(std::string_view text) {
  constexpr std::string_view kSpecial = "(){%*\"\\]";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return c > 0x20 && c < 0x7F && kSpecial.find(c) == std::string_view::npos;
  });
}

// Version 3: "3 V<uidvalidity> N<next uid> ...". Version 1: "1 <uidvalidity> <next uid>".
bool read_header(MailboxFile& out, std::string_view line) {
  const bool three = line.starts_with("3 ");
  if (!three && !line.starts_with("1 ")) return false;
  line.remove_prefix(2);
  for (int position = 0; !line.empty(); ++position) {
    const auto end = std::min(line.find(' '), line.size());
    const auto word = line.substr(0, end);
    if (three ? word.starts_with('V') : position == 0) out.uid_validity = imap::UidValidity(number(word.substr(three)));
    if (three ? word.starts_with('N') : position == 1) out.uid_next = imap::Uid(number(word.substr(three)));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return static_cast<bool>(out.uid_validity);
}

// "<uid> [fields ]:<file name>", or in version 1 "<uid> <file name>".
void read_entry(MailboxFile& out, std::string_view line) {
  const imap::Uid uid(number(line));
  auto name_at = line.find(" :");
  name_at = name_at == std::string_view::npos ? line.find(' ') : name_at + 1;
  if (!uid || name_at == std::string_view::npos) return;
  const auto name = parse_maildir_name(line.substr(name_at + 1));
  out.uids[std::string(name.base)] = uid;
  if (out.uid_next <= uid && uid.value < 0xFFFFFFFFu) out.uid_next = uid.next();
}

}  // namespace

namespace {

// Above, a file is damaged: mail that comes must have UIDs left.
constexpr imap::Uid kHighestAdopted{0xF0000000u};

bool is_sound(const MailboxFile& file) {
  return file.uid_next <= kHighestAdopted &&
         std::ranges::all_of(file.uids, [](const auto& entry) { return entry.second < kHighestAdopted; });
}

}  // namespace

// Of a damaged file nothing is taken: the mailbox gets a UIDVALIDITY of its own.
std::optional<MailboxFile> read_foreign_uids(const std::filesystem::path& mailbox_directory) {
  MailboxFile out;
  if (const auto text = base::read_file_if_exists(mailbox_directory / "dovecot-uidlist")) {
    bool first = true, good = false;
    for_each_line(*text, [&](std::string_view line) {
      if (first)
        good = read_header(out, line);
      else if (good)
        read_entry(out, line);
      first = false;
    });
    if (good && is_sound(out)) return out;
  }
  if (const auto text = base::read_file_if_exists(mailbox_directory / ".uidvalidity")) {
    MailboxFile mbsync;
    mbsync.uid_validity = imap::UidValidity(number(*text));
    const auto second = text->find('\n');  // the highest UID that was ever given
    if (second != std::string::npos)
      if (const auto highest = number(std::string_view(*text).substr(second + 1)); highest < 0xFFFFFFFFu)
        mbsync.uid_next = imap::Uid(highest + 1);
    if (mbsync.uid_validity && is_sound(mbsync)) return mbsync;
  }
  return std::nullopt;
}

std::vector<std::string> read_keyword_letters(const std::filesystem::path& mailbox_directory) {
  std::vector<std::string> out;
  const auto text = base::read_file_if_exists(mailbox_directory / "dovecot-keywords");
  if (!text) return out;
  for_each_line(*text, [&](std::string_view line) {
    const auto space = line.find(' ');
    const auto letter = number(line);
    if (space == std::string_view::npos || letter >= 26 || !is_atom(line.substr(space + 1))) return;
    if (out.size() <= letter) out.resize(letter + 1);
    out[letter] = line.substr(space + 1);
  });
  return out;
}

void write_keyword_letters(const std::filesystem::path& mailbox_directory, const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < 26; ++i)
    if (!names[i].empty()) text += std::to_string(i) + " " + names[i] + "\n";
  base::replace_file(mailbox_directory / "dovecot-keywords", text);
}

}  // namespace store
