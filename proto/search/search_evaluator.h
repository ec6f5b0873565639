// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// SearchEvaluator: asks a tree of SEARCH keys about one message after the other; the cheapest key is asked first, and
// what is decided already is not asked. Uses no recursion.
#pragma once

#include <cstdint>
#include <vector>

#include "proto/search/search_key.h"

namespace imap {

enum class Truth : std::uint8_t { No, Unknown, Yes };
inline Truth truth(bool yes) { return yes ? Truth::Yes : Truth::No; }

// The key must outlive the evaluator.
class SearchEvaluator {
 public:
  using Cost = int (*)(SearchTerm::Kind kind);
  explicit SearchEvaluator(const SearchKey& key, Cost cost = nullptr);

  // leaf(const SearchKey&) says whether a key that is not And, Or or Not matches.
  template <class Leaf>
  Truth evaluate(Leaf leaf) {
    open_.clear();
    for (std::uint32_t at = 0;;) {
      const auto& node = nodes_[at];
      if (is_inner(node) && node.count > 0) {
        open_.push_back({at, node.first, neutral(node)});
        at = node.first;
        continue;
      }
      const auto value = give(is_inner(node) ? neutral(node) : leaf(*node.key));
      if (open_.empty()) return value;
      at = open_.back().next;
    }
  }

 private:
  // Breadth first: the children of a node lie behind it, side by side.
  struct Node {
    const SearchKey* key;
    std::uint32_t first = 0, count = 0;  // its children
    int cost = 0;                        // of its dearest descendant
  };
  struct Open {  // a node of which not all children have been asked
    std::uint32_t node, next;
    Truth value;  // of the children so far
  };
  static bool is_inner(const Node& node);
  static Truth neutral(const Node& node);  // the value of no children
  Truth give(Truth value);  // to the open nodes, and closes those that are decided; the value of the last one closed

  std::vector<Node> nodes_;
  std::vector<Open> open_;
};

}  // namespace imap
