// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/search/search_evaluator.h"

#include <algorithm>
#include <ranges>
#include <span>

namespace imap {

namespace {

using Kind = SearchTerm::Kind;

Truth opposite(Truth value) { return value == Truth::Unknown ? Truth::Unknown : truth(value == Truth::No); }

}  // namespace

SearchEvaluator::SearchEvaluator(const SearchKey& key, Cost cost) {
  nodes_.push_back({&key});
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const auto& parent = *nodes_[i].key;
    nodes_[i].first = static_cast<std::uint32_t>(nodes_.size());
    nodes_[i].count = static_cast<std::uint32_t>(parent.children.size());
    for (const auto& child : parent.children) nodes_.push_back({&child});
  }
  if (cost == nullptr) return;
  for (auto& node : nodes_ | std::views::reverse) {  // children before their parents
    const auto children = std::span(nodes_).subspan(node.first, node.count);
    node.cost = cost(node.key->kind);
    for (const auto& child : children) node.cost = std::max(node.cost, child.cost);
    std::ranges::sort(children, {}, &Node::cost);
  }
}

bool SearchEvaluator::is_inner(const Node& node) {
  return node.key->kind == Kind::And || node.key->kind == Kind::Or || node.key->kind == Kind::Not;
}

// NOT of no key is no key that a client can send; it counts as the opposite of ALL.
Truth SearchEvaluator::neutral(const Node& node) { return truth(node.key->kind == Kind::And); }

Truth SearchEvaluator::give(Truth value) {
  while (!open_.empty()) {
    auto& open = open_.back();
    const auto& node = nodes_[open.node];
    const bool all = node.key->kind == Kind::And;
    open.value = all ? std::min(open.value, value) : std::max(open.value, value);
    ++open.next;
    const bool decided = open.value == (all ? Truth::No : Truth::Yes);
    if (!decided && open.next < node.first + node.count) return open.value;
    value = node.key->kind == Kind::Not ? opposite(open.value) : open.value;
    open_.pop_back();
  }
  return value;
}

}  // namespace imap
