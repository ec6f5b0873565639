// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/search/search_key.h"

#include <iterator>
#include <utility>

namespace imap {

namespace {

void move_to(std::vector<SearchKey>& to, std::vector<SearchKey>& from) {
  to.insert(to.end(), std::move_iterator(from.begin()), std::move_iterator(from.end()));
  from.clear();
}

}  // namespace

SearchKey::SearchKey(const SearchKey& other) : SearchTerm(other) {
  std::vector<std::pair<SearchKey*, const SearchKey*>> waiting{{this, &other}};
  while (!waiting.empty()) {
    const auto [to, from] = waiting.back();
    waiting.pop_back();
    to->children.resize(from->children.size());
    for (std::size_t i = 0; i < from->children.size(); ++i) {
      static_cast<SearchTerm&>(to->children[i]) = from->children[i];
      waiting.emplace_back(&to->children[i], &from->children[i]);
    }
  }
}

SearchKey& SearchKey::operator=(const SearchKey& other) {
  if (this != &other) *this = SearchKey(other);
  return *this;
}

SearchKey& SearchKey::operator=(SearchKey&& other) noexcept {
  if (this == &other) return *this;
  SearchKey old;  // `other` may be a descendant of what is replaced
  std::swap(old.children, children);
  static_cast<SearchTerm&>(*this) = std::move(static_cast<SearchTerm&>(other));
  children = std::move(other.children);
  return *this;
}

// Takes the descendants out of their parents first, so that each is destroyed without children.
SearchKey::~SearchKey() {
  if (children.empty()) return;
  std::vector<SearchKey> waiting;
  move_to(waiting, children);
  while (!waiting.empty()) {
    auto key = std::move(waiting.back());
    waiting.pop_back();
    move_to(waiting, key.children);
  }
}

bool SearchKey::operator==(const SearchKey& other) const {
  std::vector<std::pair<const SearchKey*, const SearchKey*>> waiting{{this, &other}};
  while (!waiting.empty()) {
    const auto [a, b] = waiting.back();
    waiting.pop_back();
    if (static_cast<const SearchTerm&>(*a) != *b || a->children.size() != b->children.size()) return false;
    for (std::size_t i = 0; i < a->children.size(); ++i) waiting.emplace_back(&a->children[i], &b->children[i]);
  }
  return true;
}

}  // namespace imap
