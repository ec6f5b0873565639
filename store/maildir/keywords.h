// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Keywords of one mailbox: names, and interned sets of them, so that a message's row holds one number.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "proto/flags.h"

namespace store {

class Keywords {
 public:
  using Set = std::uint32_t;  // 0 is the empty set

  const std::vector<std::string>& names() const { return names_; }
  void set_names(std::vector<std::string> names);
  // Whether all of these fit in without making more than `most`; those that are known already do.
  bool has_room_for(const std::vector<std::string>& names, std::size_t most) const;

  std::uint32_t number_of(std::string_view name);  // adds it where it is new
  bool knows_letter(std::uint32_t letter) const { return letter < names_.size() && !names_[letter].empty(); }
  void invent_letter(std::uint32_t letter);  // a name for one that files have and nobody named, as Dovecot does
  std::optional<Set> find(std::vector<std::uint32_t> numbers) const;  // nullopt: no message had just these
  std::optional<Set> find(const std::vector<std::string>& names) const;
  Set intern(std::vector<std::uint32_t> numbers);
  Set intern(const std::vector<std::string>& names);
  const std::vector<std::uint32_t>& numbers(Set set) const { return sets_[set]; }
  void add_to(imap::FlagSet& flags, Set set) const;
  std::uint32_t letters(Set set) const;                    // bits of the first 26
  std::vector<std::string> beyond_letters(Set set) const;  // the names of the others

 private:
  struct Less {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const {
      return imap::compare_ignoring_case(a, b) == std::strong_ordering::less;
    }
  };

  std::vector<std::string> names_;                      // empty: a letter that nobody named
  std::map<std::string, std::uint32_t, Less> numbers_;  // of names_
  std::set<std::uint32_t> holes_;                       // of names_
  std::vector<std::vector<std::uint32_t>> sets_{{}};
  std::map<std::vector<std::uint32_t>, Set> known_{{{}, 0}};
};

}  // namespace store
