// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// MailboxFile: the text file `postern-mailbox` in each mailbox's directory. It holds what names cannot, so that losing
// the index loses nothing:
//
//   postern-mailbox 1
//   uidvalidity <number>
//   id <mailbox id>
//   uidnext <number>          no UID at or above the last such line was ever given
//   uid <number> <base name>  of a file whose name carries no UID, or another's
//   keywords <uid> <names>    of a message that has keywords beyond the 26 letters; the last line of a UID counts
//
// Lines are appended and synced; a torn last line is ignored. DO NOT CHANGE the words: they are on users' disks.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include "proto/numbers.h"

namespace store {

struct DamagedMailboxFile : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct MailboxFile {
  imap::UidValidity uid_validity;
  std::string id;
  imap::Uid uid_next{1};
  std::unordered_map<std::string, imap::Uid> uids;                            // by base name
  std::unordered_map<std::uint32_t, std::vector<std::string>> more_keywords;  // by UID

  static constexpr const char* kName = "postern-mailbox";

  // nullopt: there is none. Throws std::system_error, or DamagedMailboxFile where it holds no UIDVALIDITY, or
  // std::runtime_error where it is of another version. Of UIDs
  // below those that `least` returns for the mailbox's id nothing is kept.
  using Least = std::function<imap::Uid(const std::string& id)>;
  static std::optional<MailboxFile> read(const std::filesystem::path& mailbox_directory, const Least& least = {});
  static imap::Uid without_uids(const std::string&) { return imap::Uid(0xFFFFFFFFu); }
  void write(const std::filesystem::path& mailbox_directory) const;  // whole, durable
};

// Durable when it returns.
void append_to_mailbox_file(const std::filesystem::path& mailbox_directory, const std::string& lines);
std::string uid_line(imap::Uid uid, std::string_view base);
std::string uid_next_line(imap::Uid uid_next);
std::string keywords_line(imap::Uid uid, const std::vector<std::string>& keywords);

std::string make_mailbox_id();  // 16 characters of OBJECTID's alphabet, random

}  // namespace store
