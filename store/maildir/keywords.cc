// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/maildir/keywords.h"

#include <algorithm>

namespace store {

void Keywords::set_names(std::vector<std::string> names) {
  names_ = std::move(names);
  numbers_.clear();
  holes_.clear();
  for (std::uint32_t i = 0; i < names_.size(); ++i) {
    if (names_[i].empty())
      holes_.insert(i);
    else
      numbers_.try_emplace(names_[i], i);
  }
}

bool Keywords::has_room_for(const std::vector<std::string>& names, std::size_t most) const {
  const auto is_new = [this](const std::string& name) { return !numbers_.contains(name); };
  const auto missing = static_cast<std::size_t>(std::ranges::count_if(names, is_new));
  return missing == 0 || numbers_.size() + missing <= most;
}

std::uint32_t Keywords::number_of(std::string_view name) {
  if (const auto known = numbers_.find(name); known != numbers_.end()) return known->second;
  auto number = static_cast<std::uint32_t>(names_.size());
  if (holes_.empty())
    names_.emplace_back(name);
  else {
    number = holes_.extract(holes_.begin()).value();
    names_[number] = name;
  }
  numbers_.emplace(name, number);
  return number;
}

void Keywords::invent_letter(std::uint32_t letter) {
  for (auto i = static_cast<std::uint32_t>(names_.size()); i <= letter; ++i) holes_.insert(i);
  if (names_.size() <= letter) names_.resize(letter + 1);
  if (!names_[letter].empty()) return;
  names_[letter] = "unknown-" + std::to_string(letter);
  holes_.erase(letter);
  numbers_.try_emplace(names_[letter], letter);
}

namespace {
void sort_out(std::vector<std::uint32_t>& numbers) {
  std::ranges::sort(numbers);
  const auto repeated = std::ranges::unique(numbers);
  numbers.erase(repeated.begin(), repeated.end());
}
}  // namespace

std::optional<Keywords::Set> Keywords::find(std::vector<std::uint32_t> numbers) const {
  sort_out(numbers);
  const auto it = known_.find(numbers);
  return it == known_.end() ? std::nullopt : std::optional(it->second);
}

std::optional<Keywords::Set> Keywords::find(const std::vector<std::string>& names) const {
  std::vector<std::uint32_t> numbers;
  for (const auto& name : names) {
    const auto it = numbers_.find(name);
    if (it == numbers_.end()) return std::nullopt;
    numbers.push_back(it->second);
  }
  return find(std::move(numbers));
}

Keywords::Set Keywords::intern(std::vector<std::uint32_t> numbers) {
  sort_out(numbers);
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
  std::vector<std::string> names;
  for (const auto number : sets_[set])
    if (number < names_.size() && !names_[number].empty()) names.push_back(names_[number]);
  if (!names.empty()) flags.add_keywords(std::move(names));
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
