// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What a verification knows of one mailbox's messages, and what that means. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sync/journal/journal.h"

namespace mirror {

struct CheckedMessage {
  imap::FlagSet flags;
  std::optional<std::int64_t> internal_date;  // nullopt: the side does not describe the message
  std::uint64_t size = 0;
  std::string digest;  // the first 16 octets; empty: its text was not read
};

struct CheckedSide {
  std::map<imap::Uid, CheckedMessage> messages;
  imap::UidSet unread;  // whose texts were asked for, and not given
  std::string doubt;    // why the side is not believed in all
};

// Sentences, without the mailbox's name.
std::vector<std::string> compare_sides(const PairTable& pairs, const CheckedSide& here, const CheckedSide& there);

// Texts that are to be read: of pairs, and there also of what has none: it may be what cannot be read.
struct TextsToCompare {
  imap::UidSet there, here;
  std::uint64_t remembered = 0, left = 0;
};
struct TextRules {
  imap::UidValidity uid_validity;  // of the remote side
  bool forgets = false;
  std::uint64_t octets = 0;  // at most
};
bool is_remembered(const ComparedTexts& compared, imap::Uid remote, const CheckedMessage& message,
                   imap::UidValidity uid_validity);
TextsToCompare texts_to_compare(const PairTable& pairs, const CheckedSide& here, const CheckedSide& there,
                                const ComparedTexts& compared, const TextRules& rules);

}  // namespace mirror
