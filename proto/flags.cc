// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/flags.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace imap {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool is_less(std::string_view a, std::string_view b) {
  return compare_ignoring_case(a, b) == std::strong_ordering::less;
}

auto position(const std::vector<std::string>& keywords, std::string_view keyword) {
  return std::lower_bound(keywords.begin(), keywords.end(), keyword, is_less);
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::strong_ordering compare_ignoring_case(std::string_view a, std::string_view b) {
  const auto n = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < n; ++i) {
    const auto x = static_cast<unsigned char>(lower(a[i])), y = static_cast<unsigned char>(lower(b[i]));
    if (x != y) return x <=> y;
  }
  return a.size() <=> b.size();
}

bool FlagSet::has(std::string_view keyword) const {
  const auto it = position(keywords_, keyword);
  return it != keywords_.end() && equal_ignoring_case(*it, keyword);
}

void FlagSet::add(std::string_view keyword) {
  const auto it = position(keywords_, keyword);
  if (it == keywords_.end() || !equal_ignoring_case(*it, keyword)) keywords_.emplace(it, keyword);
}

void FlagSet::remove(std::string_view keyword) {
  const auto it = position(keywords_, keyword);
  if (it != keywords_.end() && equal_ignoring_case(*it, keyword)) keywords_.erase(it);
}

void FlagSet::add_keywords(std::vector<std::string> keywords) {
  std::ranges::move(keywords, std::back_inserter(keywords_));
  // Of equals the one that was here first stays.
  std::vector<std::pair<std::string, std::size_t>> places;
  places.reserve(keywords_.size());
  for (auto& keyword : keywords_) places.emplace_back(std::move(keyword), places.size());
  std::ranges::sort(places, [](const auto& a, const auto& b) {
    const auto order = compare_ignoring_case(a.first, b.first);
    return order == std::strong_ordering::equal ? a.second < b.second : order == std::strong_ordering::less;
  });
  keywords_.clear();
  for (auto& [keyword, place] : places)
    if (keywords_.empty() || !equal_ignoring_case(keywords_.back(), keyword)) keywords_.push_back(std::move(keyword));
}

void FlagSet::add(const FlagSet& other) {
  system_ |= other.system_;
  std::vector<std::string> both;
  std::ranges::set_union(keywords_, other.keywords_, std::back_inserter(both), is_less);
  keywords_ = std::move(both);
}

void FlagSet::remove(const FlagSet& other) {
  system_ &= static_cast<std::uint8_t>(~other.system_);
  std::vector<std::string> left;
  std::ranges::set_difference(keywords_, other.keywords_, std::back_inserter(left), is_less);
  keywords_ = std::move(left);
}

bool FlagSet::add_by_name(std::string_view name) {
  if (!name.starts_with('\\')) {
    add(name);
    return true;
  }
  for (const auto& row : kFlagTable) {
    if (equal_ignoring_case(row.name, name)) {
      add(row.flag);
      return true;
    }
  }
  return false;
}

std::string FlagSet::to_string() const {
  std::string out;
  for (const auto& row : kFlagTable)
    if (has(row.flag)) out += (out.empty() ? "" : " ") + std::string(row.name);
  for (const auto& keyword : keywords_) out += (out.empty() ? "" : " ") + keyword;
  return out;
}

bool FlagSet::operator==(const FlagSet& other) const {
  return system_ == other.system_ && std::ranges::equal(keywords_, other.keywords_, equal_ignoring_case);
}

}  // namespace imap
