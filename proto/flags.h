// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Flags and keywords (RFC 9051 section 2.3.2).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace imap {

enum class Flag : std::uint8_t { Answered = 1, Flagged = 2, Deleted = 4, Seen = 8, Draft = 16 };

struct FlagRow {
  Flag flag;
  std::string_view name;  // as on the wire
  char maildir_letter;    // as in a Maildir file name
};

// Every system flag that a message can keep (\Recent is the session's and is not here).
inline constexpr std::array<FlagRow, 5> kFlagTable{{
    {Flag::Answered, "\\Answered", 'R'},
    {Flag::Flagged, "\\Flagged", 'F'},
    {Flag::Deleted, "\\Deleted", 'T'},
    {Flag::Seen, "\\Seen", 'S'},
    {Flag::Draft, "\\Draft", 'D'},
}};

bool equal_ignoring_case(std::string_view a, std::string_view b);                    // ASCII
std::strong_ordering compare_ignoring_case(std::string_view a, std::string_view b);  // ASCII

// System flags as bits, keywords as names: sorted, unique without regard to case, first spelling kept.
class FlagSet {
 public:
  FlagSet() = default;
  FlagSet(std::initializer_list<Flag> flags) {
    for (auto f : flags) add(f);
  }

  bool has(Flag f) const { return system_ & static_cast<std::uint8_t>(f); }
  bool has(std::string_view keyword) const;
  void add(Flag f) { system_ |= static_cast<std::uint8_t>(f); }
  void add(std::string_view keyword);
  void add_keywords(std::vector<std::string> keywords);  // many at once
  void remove(Flag f) { system_ &= static_cast<std::uint8_t>(~static_cast<std::uint8_t>(f)); }
  void remove(std::string_view keyword);
  void add(const FlagSet& other);
  void remove(const FlagSet& other);

  // "\Seen" or a keyword; false for a system flag that nobody knows or that cannot be stored (\Recent).
  bool add_by_name(std::string_view name);

  std::uint8_t system_bits() const { return system_; }
  void set_system_bits(std::uint8_t bits) { system_ = bits; }
  const std::vector<std::string>& keywords() const { return keywords_; }
  bool empty() const { return system_ == 0 && keywords_.empty(); }

  std::string to_string() const;  // "\Seen $label"; empty for none

  bool operator==(const FlagSet& other) const;  // keywords without regard to case

 private:
  std::uint8_t system_ = 0;
  std::vector<std::string> keywords_;
};

// STORE's three ways (RFC 9051 section 6.4.6).
enum class FlagChange : std::uint8_t { Replace, Add, Remove };

}  // namespace imap
