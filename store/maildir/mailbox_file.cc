// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/maildir/mailbox_file.h"

#include <algorithm>
#include <charconv>
#include <random>
#include <stdexcept>
#include <string_view>

#include "proto/base/fail_point.h"
#include "proto/base/files.h"

namespace store {

namespace {

constexpr std::string_view kFirstWord = "postern-mailbox ";

std::uint32_t number(std::string_view text) {
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (end > 0) out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

void read_line(MailboxFile& file, std::string_view line, imap::Uid least) {
  const auto space = line.find(' ');
  if (space == std::string_view::npos) return;
  const auto key = line.substr(0, space);
  const auto rest = line.substr(space + 1);
  const auto second = rest.find(' ');
  if (key == "uidvalidity") {
    file.uid_validity = imap::UidValidity(number(rest));
  } else if (key == "id") {
    file.id = rest;
  } else if (key == "uidnext") {
    file.uid_next = std::max(file.uid_next, imap::Uid(number(rest)));
  } else if ((key == "uid" || key == "keywords") && imap::Uid(number(rest)) < least) {
    return;
  } else if (key == "uid" && second != std::string_view::npos) {
    if (const imap::Uid uid(number(rest)); uid) file.uids[std::string(rest.substr(second + 1))] = uid;
  } else if (key == "keywords") {
    file.more_keywords[number(rest)] =
        second == std::string_view::npos ? std::vector<std::string>{} : words(rest.substr(second + 1));
  }
}

// What a crash or a full disk left of a last line must not become the beginning of the next one.
void cut_torn_line(const std::filesystem::path& path) {
  const auto size = std::filesystem::file_size(path);
  if (size == 0) return;
  char last = 0;
  const auto file = base::open_read(path);
  if (base::read_some_at(file.get(), size - 1, {&last, 1}) == 1 && last == '\n') return;
  const auto text = base::read_file(path);
  base::FailPoint::step();
  std::filesystem::resize_file(path, text.rfind('\n') + 1);
}

bool is_object_id(std::string_view id) {
  return id.size() == 16 && std::ranges::all_of(id, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

}  // namespace

std::optional<MailboxFile> MailboxFile::read(const std::filesystem::path& mailbox_directory, const Least& least_of) {
  const auto text = base::read_file_if_exists(mailbox_directory / kName);
  if (!text) return std::nullopt;
  MailboxFile out;
  std::string_view rest = *text;
  imap::Uid least(1);
  for (;;) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) break;  // a torn line was never acknowledged
    auto line = rest.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);  // an editor's
    if (line.starts_with(kFirstWord) && number(line.substr(kFirstWord.size())) != 1)
      throw std::runtime_error((mailbox_directory / kName).string() + ": written by a newer version");
    const bool has_id = !out.id.empty();
    read_line(out, line, least);
    if (least_of && !has_id && !out.id.empty()) least = least_of(out.id);
    rest.remove_prefix(end + 1);
  }
  if (!out.uid_validity || !is_object_id(out.id))
    throw DamagedMailboxFile("the mailbox is damaged: there is no uidvalidity or id in " +
                             (mailbox_directory / kName).string() +
                             "; put this file back from a backup, or move it away: the messages stay, with new UIDs");
  return out;
}

void MailboxFile::write(const std::filesystem::path& mailbox_directory) const {
  std::string text = std::string(kFirstWord) + "1\nuidvalidity " + std::to_string(uid_validity.value) + "\nid " + id +
                     "\n" + uid_next_line(uid_next);
  for (const auto& [base, uid] : uids) text += uid_line(uid, base);
  for (const auto& [uid, keywords] : more_keywords)
    if (!keywords.empty()) text += keywords_line(imap::Uid(uid), keywords);
  base::replace_file(mailbox_directory / kName, text);
}

void append_to_mailbox_file(const std::filesystem::path& mailbox_directory, const std::string& lines) {
  const auto path = mailbox_directory / MailboxFile::kName;
  cut_torn_line(path);
  const auto file = base::open_append(path);
  base::write_all(file.get(), lines);
  base::sync_data(file.get());
}

std::string uid_line(imap::Uid uid, std::string_view base) {
  if (base.find('\n') != std::string_view::npos) return {};  // no line can hold it; it gets a new UID after index loss
  return "uid " + std::to_string(uid.value) + " " + std::string(base) + "\n";
}

std::string uid_next_line(imap::Uid uid_next) { return "uidnext " + std::to_string(uid_next.value) + "\n"; }

std::string keywords_line(imap::Uid uid, const std::vector<std::string>& keywords) {
  std::string out = "keywords " + std::to_string(uid.value);
  for (const auto& keyword : keywords) out += " " + keyword;
  return out + "\n";
}

std::string make_mailbox_id() {
  constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device random;
  std::string out;
  for (int i = 0; i < 16; ++i) out += kAlphabet[random() % kAlphabet.size()];
  return out;
}

}  // namespace store
