// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What SORT, THREAD and SEARCH compare of a message's header, made once and kept in the index.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mail {

// Texts are cut off behind so many octets, and a message's references behind so many, so that hostile mail takes no
// more memory than other mail.
constexpr std::size_t kLongestSortText = 1000;
constexpr std::size_t kMostReferences = 100'000;

// RFC 5256 section 3, RFC 5957: collation keys, of the first address of the first field.
struct SortTexts {
  std::string subject;  // base subject
  std::string from, to, cc;
  std::string display_from, display_to;
  bool operator==(const SortTexts&) const = default;
};

// Ids and subjects are told by 64 bits of their SHA-256; 0: there is none.
struct ThreadKeys {
  std::uint32_t date = 0;  // sorted_date()
  bool is_reply_or_forward = false;
  std::uint64_t subject = 0;  // base subject
  std::uint64_t id = 0;
  std::vector<std::uint64_t> references;  // oldest first; In-Reply-To's first where References has none
  bool operator==(const ThreadKeys&) const = default;
};

// What SEARCH's SUBJECT, FROM, TO, CC and BCC look into: the folded values of the fields of that name, each with a NUL
// behind it.
struct SearchTexts {
  enum Field : std::uint8_t { Subject, From, To, Cc, Bcc, kFields };
  std::string fields[kFields];
  bool operator==(const SearchTexts&) const = default;
};

struct SortKeys {
  SortTexts texts;
  ThreadKeys thread;
  SearchTexts search;
  bool operator==(const SortKeys&) const = default;
};
SortKeys sort_keys_of(std::string_view header);  // a header block in wire form

// A field's value as SEARCH compares it, folded; without the line end that belongs to it.
std::string search_subject(std::string_view value);
std::string search_addresses(std::string_view value);

// Of the records; it also goes with what is made of them.
constexpr char kSortTextsVersion = 2;

// Records of the index. A damaged record, and one of another version, decodes to nullopt.
std::string encode(const SortTexts& texts);
std::optional<SortTexts> decode_sort_texts(std::string_view record);
std::string encode(const ThreadKeys& keys);
bool decode_thread_keys(std::string_view record, ThreadKeys& out);
std::string encode(const SearchTexts& texts);
bool is_search_texts(std::string_view record);
// One field of it, without a copy; nullopt: it is too long to be kept.
std::optional<std::string_view> find_search_text(std::string_view record, SearchTexts::Field field);

}  // namespace mail
