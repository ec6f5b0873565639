// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Keys and records of the index: every byte that lies in RocksDB. The twin of docs/store-format.md. DO NOT CHANGE what
// is written here: it is on users' disks; a new version of a record gets a new first byte.
//
// Numbers in keys are big-endian. <id> is the mailbox's id, 16 octets. In the table Rows:
//   'b' <id>                 mailbox record
//   'r' <id> <uid:4>         row of a message
//   'g' <id> <modseq:8> <uid:4>   expunged; kSaid: somebody told us to; no value: the file was gone, or it is not known
//   'd' <id> <uid:4>         file to be unlinked (expunged already): "cur/name" or "new/name"; where it is kept for a
//                            while instead NUL and a RemovalNote
//   'z' <key>                state of others
//   'n'                      how often the index was opened, in digits
//   'f'                      MODSEQ that no mailbox may lie below, in digits
//   'v'                      version of all this but for the state of others, in digits; an index without one is of
//   version 1
// and what content_record.h tells. Programs of before had, in the table Content, 'e' | 'h' | 's' <id> <uid:4>: these
// are erased when they are met, and keys of that shape are not to be used for anything else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/numbers.h"

namespace store::keys {

std::string mailbox(std::string_view id);
std::string row(std::string_view id, imap::Uid uid);
std::string row_prefix(std::string_view id);
std::string gone(std::string_view id, imap::ModSeq modseq, imap::Uid uid);
std::string gone_prefix(std::string_view id);
constexpr std::string_view kSaid = "s";  // the value of a gone() key
std::string doomed(std::string_view id, imap::Uid uid);
std::string doomed_prefix(std::string_view id);
std::string state(std::string_view key);
std::string end_of(std::string_view prefix);  // the least key above all that begin so; empty: there is none
std::string openings();
std::string floor();
std::uint64_t digits(const std::optional<std::string>& value);  // a number written in digits; 0 where it is missing
std::string version();
constexpr std::string_view kVersionOfAll = "1";

imap::Uid uid_at_end(std::string_view key);
imap::ModSeq gone_modseq(std::string_view key);  // of a gone() key

struct MailboxRecord {
  imap::UidValidity uid_validity;
  imap::Uid uid_next{1};
  imap::ModSeq highest_modseq{1};
  imap::ModSeq log_starts;       // expunges up to this one are no longer in the log
  imap::Uid claimed;             // messages above it are \Recent to nobody yet
  std::int64_t cur_changed = 0;  // the directories' modification times, ns, when they were last read; 0: unknown
  std::int64_t new_changed = 0;
  std::string place;                  // its directory, relative to the root, when the record was written
  std::vector<std::string> keywords;  // a row's numbers index this; the first 26 are the letters of file names
};
std::string encode(const MailboxRecord& record);
std::optional<MailboxRecord> decode_mailbox(std::string_view value);

struct RowRecord {
  imap::ModSeq modseq;
  std::uint8_t system_flags = 0;
  bool in_new = false;
  bool renaming = false;   // the file may have another name already: what the record says wins over it
  bool growing = false;    // a foreign file that was not known to be complete
  bool counted = false;    // the size was counted, whatever the name says
  bool elsewhere = false;  // its text is not here yet: there is no file, and the name is empty
  std::vector<std::uint32_t> keywords;
  std::int64_t internal_date = 0;
  std::uint64_t wire_size = 0;  // 0: not counted yet
  std::uint32_t size_mark = 0;  // of the file (size_mark() in foreign_file.h); 0: not known
  std::string_view name;        // of the file, without directory
};
void encode(std::string& out, const RowRecord& record);
bool decode_row(std::string_view value, RowRecord& out);  // the name is a view into value

}  // namespace store::keys
