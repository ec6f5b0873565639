// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// SearchKey: SEARCH's criteria as a tree (RFC 9051 section 6.4.4, RFC 3501, RFC 7162 MODSEQ).
// A client decides how deep the tree is: whoever walks it does so without recursion, as all of this file does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "proto/date_time.h"
#include "proto/flags.h"
#include "proto/sequence_set.h"

namespace imap {

// How deep a client may nest OR, NOT and parentheses.
constexpr std::size_t kDeepestSearch = 10'000;

// One node of the tree, without its children.
struct SearchTerm {
  enum class Kind : std::uint8_t {
    All,
    And,
    Or,
    Not,       // children
    Messages,  // messages (numbers, or UID ...)
    HasFlag,   // system flag: ANSWERED, SEEN, ... (UNSEEN is Not HasFlag)
    Keyword,   // text
    Recent,    // RECENT (OLD is Not Recent; NEW is And Recent, Not Seen)
    Before,
    On,
    Since,
    SentBefore,
    SentOn,
    SentSince,  // date
    Larger,
    Smaller,  // number, octets
    Older,
    Younger,  // number: seconds (RFC 5032); a store makes it the time that it means
    Header,   // field and text (text empty: the field is there)
    Bcc,
    Cc,
    From,
    Subject,
    To,  // text
    Body,
    Text,    // text
    ModSeq,  // number: at least this mod-sequence
    Uids,    // resolved by a server before the store searches
  };
  Kind kind = Kind::All;
  MessageSet messages;
  UidSet uids;
  Flag flag = Flag::Seen;
  std::string field;
  std::string text;  // as written; in the command's charset until the server converts it to UTF-8
  Date date;
  std::uint64_t number = 0;
  bool operator==(const SearchTerm&) const = default;
};

struct SearchKey : SearchTerm {
  std::vector<SearchKey> children;

  SearchKey() = default;
  SearchKey(const SearchKey& other);
  SearchKey(SearchKey&&) noexcept = default;
  SearchKey& operator=(const SearchKey& other);
  SearchKey& operator=(SearchKey&& other) noexcept;
  ~SearchKey();
  bool operator==(const SearchKey& other) const;
};

// Calls f with each key of the tree; a parent comes before its children. f may change anything but the children.
template <class Key, class F>
void for_each_key(Key& root, F f) {
  std::vector<Key*> waiting{&root};
  while (!waiting.empty()) {
    auto& key = *waiting.back();
    waiting.pop_back();
    f(key);
    for (auto& child : key.children) waiting.push_back(&child);
  }
}

}  // namespace imap
