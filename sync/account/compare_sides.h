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
#include "sync/mode.h"

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

// All that is known of a mailbox when it is read.
struct CheckedMailbox {
  PairTable pairs;
  ComparedTexts compared;
  KnownDates dates;
  CheckedSide here, there;
  imap::UidValidity uid_validity;  // there
};

// What was agreed about the messages, and may be done about them.
struct Agreement {
  const PairTable& pairs;
  Permits permits{};
  KnownDates dates{};          // under the remote side's present UIDVALIDITY
  bool accepts_dates = false;  // those that differ where the texts do not count as known
};

struct Comparison {
  std::vector<std::string> differences;  // sentences, without the mailbox's name
  Withheld withheld;                     // what differs because it is not permitted to make it the same
  KnownDates known_dates;                // of messages whose dates differ, as is known
};
Comparison compare_sides(const Agreement& agreed, const CheckedSide& here, const CheckedSide& there);

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
