// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// MessageStory: of all that the ledger says, what is about one message: also of its copies, and where it was before.
// Pure: entries in, sentences out.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "store/ledger.h"

namespace mirror {

class MessageStory {
 public:
  using Place = std::pair<std::string, imap::Uid>;  // a mailbox's id, and a UID in it

  void add(const Place& place) { places_.insert(place); }
  // Takes what an entry says of the message's places into them: those where it has this Message-ID, where it was copied
  // or moved to, and where it came from. Read the ledger until a reading grows nothing.
  bool grow(const store::LedgerEntry& entry, const std::string& message_id);
  bool empty() const { return places_.empty(); }
  const std::set<Place>& places() const { return places_; }

  // What an entry says of the message; each of its places by itself.
  struct Event {
    std::int64_t when = 0;
    std::string place;  // "INBOX 14": a mailbox's name and the UID there
    std::string what;   // "arrived, with \Seen"
    std::string by;
  };
  std::vector<Event> events(const store::LedgerEntry& entry);

 private:
  std::set<Place> places_;
  std::map<std::string, std::string> names_;  // of mailboxes, by their ids, as the ledger has called them last
};

std::string bare_message_id(std::string id);  // without angle brackets and white space

}  // namespace mirror
