// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// NamedFiles: the files of a Maildir that bear the UIDs of mbsync (`,U=17`) or OfflineIMAP (`,U=17,FMD5=…`) in their
// names, and which messages of ours they are.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "store/mailbox_files.h"

namespace mirror {

// What a file's name says.
struct ToolName {
  std::uint32_t uid = 0;
  std::string_view folder;  // OfflineIMAP's digest of the mailbox's name; empty: there is none
};
std::optional<ToolName> parse_tool_name(std::string_view name);

class NamedFiles {
 public:
  enum class Of : std::uint8_t { Mbsync, OfflineImap };
  // Reads the directory. Of OfflineIMAP's files only those count whose digest most of them have: the others were moved
  // here from another mailbox.
  NamedFiles(const store::MailboxFiles& files, Of tool);

  // A file that is there, but is none of our messages (it cannot be read, or two have this UID), is not known.
  enum class Is : std::uint8_t { Here, Gone, Unknown };
  Is state_of(std::uint32_t uid) const;
  imap::Uid message(std::uint32_t uid) const { return messages_.at(uid); }  // Is::Here
  // Whether its name or its state has changed since (Unix seconds): it may be another file than the tool's.
  bool changed_since(std::uint32_t uid, std::int64_t time) const { return changed_.at(uid) > time; }
  // Whether there are files, and all of them were put here since: the directory is a copy, or was put back from a
  // backup. False where the file system does not tell when files were made.
  bool all_made_since(std::int64_t time) const { return oldest_ && *oldest_ > time; }

 private:
  std::map<std::uint32_t, imap::Uid> messages_;  // 0: not known
  std::map<std::uint32_t, std::int64_t> changed_;
  std::optional<std::int64_t> oldest_;  // when it was made
};

}  // namespace mirror
