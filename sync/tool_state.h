// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ToolState: what another synchroniser (mbsync, OfflineIMAP, InterIMAP) has remembered of one mailbox: which message
// here is which one on the server, and what flags both had.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proto/flags.h"
#include "proto/numbers.h"
#include "sync/mailbox_path.h"

namespace mirror {

// Where a state lies that is not beside the mail.
struct SwitchFrom {
  enum class Tool : std::uint8_t { None, Mbsync, OfflineImap };
  Tool tool = Tool::None;
  // Mbsync: the state files, `*` for the mailbox's name. OfflineImap: METADATA/Account-NAME/Repository-NAME, with the
  // names of the account and of the repository on the server.
  std::string path;
  bool operator==(const SwitchFrom&) const = default;
};

struct ToolPair {
  std::optional<imap::Uid> here;  // ours; nullopt: the message is not here any more
  imap::Uid there;
  std::optional<imap::FlagSet> flags;  // system flags; nullopt: the tool does not remember them
  bool doubtful = false;  // the file here may be another one than the tool's, or be lost: nothing is removed for it
};

struct ToolState {
  std::string tool;        // its name, for a person
  std::string file;        // where it was read
  std::string damage;      // why it cannot be used, one sentence; empty: it can
  imap::UidValidity here;  // 0: the tool knows files by their names, and these were looked at
  imap::UidValidity there;
  std::vector<ToolPair> pairs;
  bool proves_removals = true;  // false: the tool was cut off, or the mail here is older than what it knew
  std::string remark;           // what a person is to know of it; may be empty
};

// The states that other synchronisers have left. Calls may wait for the disk.
class ToolStates {
 public:
  virtual ~ToolStates() = default;
  // nullopt: there is none, or it was used before.
  virtual std::optional<ToolState> read(const MailboxPath& mailbox) = 0;
  // What it says is in our own state now; it is not read again, also where that is lost.
  virtual void set_used(const MailboxPath& mailbox) = 0;
};

}  // namespace mirror
