// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/maildir/keywords.h"

#include <algorithm>

namespace store {

std::uint32_t Keywords::number_of(std::string_view name) {
  std::size_t hole = names_.size();
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (imap::equal_ignoring_case(names_[i], name)) return static_cast<std::uint32_t>(i);
    if (names_[i].empty()) hole = std::min(hole, i);
  }
  if (hole < names_.size())
    names_[hole] = name;
  else
    names_.emplace_back(name);
  return static_cast<std::uint32_t>(hole);
}

void Keywords::invent_letter(std::uint32_t letter) {
  if (names_.size() <= letter) names_.resize(letter + 1);
  if (names_[letter].empty()) names_[letter] = "unknown-" + std::to_string(letter);
}

Keywords::Set Keywords::intern(std::vector<std::uint32_t> numbers) {
  std::ranges::sort(numbers);
  const auto repeated = std::ranges::unique(numbers);
  numbers.erase(repeated.begin(), repeated.end());
  const auto [it, is_new] = known_.try_emplace(numbers, static_cast<Set>(sets_.size()));
  if (is_new) sets_.push_back(std::move(numbers));
  return it->second;
}

Keywords::Set Keywords::intern(const std::vector<std::string>& names) {
  if (names.empty()) return 0;
  std::vector<std::uint32_t> numbers;
  for (const auto& name : names) numbers.push_back(number_of(name));
  return intern(std::move(numbers));
}

void Keywords::add_to(imap::FlagSet& flags, Set set) const {
  for (const auto number : sets_[set])
    if (number < names_.size() && !names_[number].empty()) flags.add(names_[number]);
}

std::uint32_t Keywords::letters(Set set) const {
  std::uint32_t out = 0;
  for (const auto number : sets_[set])
    if (number < 26) out |= 1u << number;
  return out;
}

std::vector<std::string> Keywords::beyond_letters(Set set) const {
  std::vector<std::string> out;
  for (const auto number : sets_[set])
    if (number >= 26 && number < names_.size()) out.push_back(names_[number]);
  return out;
}

}  // namespace store
