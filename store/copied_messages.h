// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A state that the store itself keeps for others, once it was asked to (MailStore::note_copies): which message a client
// has copied or moved from where. Whoever reads these notes erases those that he needs no more.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proto/numbers.h"

namespace store {

// Behind this the id of the mailbox that the copy is in, and its UID. DO NOT CHANGE: it is in indexes.
constexpr std::string_view kCopied = "copied/";
// That it was asked to, once: notes are made from then on, also when the store is opened again. Those that nobody
// erases, or makes anew, are kept for a month.
constexpr std::string_view kNotesCopies = "notes-copies";

struct CopyNote {
  struct Place {
    std::string mailbox_id;
    imap::Uid uid;
    bool operator==(const Place&) const = default;
  };
  Place copy, original;
  std::int64_t when = 0;  // Unix seconds
  bool operator==(const CopyNote&) const = default;

  std::string key() const { return std::string(kCopied) + copy.mailbox_id + ' ' + std::to_string(copy.uid.value); }
  std::string value() const {
    return original.mailbox_id + ' ' + std::to_string(original.uid.value) + ' ' + std::to_string(when);
  }
  // nullopt: this is no such note.
  static std::optional<CopyNote> of(std::string_view key, std::string_view value);
};

}  // namespace store
