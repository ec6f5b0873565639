// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A link that would close a circle is left out. Only a node that has no parent gets one: the circle is closed just
// where that node is the root of what is to be its parent. The root is found by walking up, which is short in mail; a
// header with 100,000 references makes it long, and then Roots finds it, in a time that grows with the logarithm only.
#include "proto/search/thread_links.h"

namespace imap {

namespace {
constexpr std::size_t kStepsPerLink = 32, kStepsAtFirst = 100'000;
}  // namespace

// A forest whose paths are balanced trees (Sleator and Tarjan's link/cut trees): `up` leads to the parent in such a
// tree or, from its top, to the node above the path.
class ThreadLinks::Roots {
 public:
  explicit Roots(std::span<const std::uint32_t> parents) {
    for (const auto parent : parents) nodes_.push_back({kNone, kNone, parent});
  }
  void grow(std::size_t size) { nodes_.resize(size); }

  std::uint32_t root_of(std::uint32_t node) {
    access(node);
    while (nodes_[node].left != kNone) node = nodes_[node].left;
    splay(node);
    return node;
  }
  void link(std::uint32_t parent, std::uint32_t child) {
    access(child);
    nodes_[child].up = parent;
  }
  void cut(std::uint32_t node) {
    access(node);
    nodes_[nodes_[node].left].up = kNone;
    nodes_[node].left = kNone;
  }

 private:
  struct Node {
    std::uint32_t left = kNone, right = kNone;  // nearer to the root, farther from it
    std::uint32_t up = kNone;
  };

  bool is_top(std::uint32_t x) const {
    const auto up = nodes_[x].up;
    return up == kNone || (nodes_[up].left != x && nodes_[up].right != x);
  }
  void rotate(std::uint32_t x) {
    const auto p = nodes_[x].up, g = nodes_[p].up;
    const bool top = is_top(p), left = nodes_[p].left == x;
    auto& inner = left ? nodes_[x].right : nodes_[x].left;
    (left ? nodes_[p].left : nodes_[p].right) = inner;
    if (inner != kNone) nodes_[inner].up = p;
    inner = p;
    nodes_[p].up = x;
    nodes_[x].up = g;
    if (!top) (nodes_[g].left == p ? nodes_[g].left : nodes_[g].right) = x;
  }
  void splay(std::uint32_t x) {
    while (!is_top(x)) {
      const auto p = nodes_[x].up;
      if (!is_top(p)) {
        const bool straight = (nodes_[p].left == x) == (nodes_[nodes_[p].up].left == p);
        rotate(straight ? p : x);
      }
      rotate(x);
    }
  }
  void access(std::uint32_t node) {  // the path from the root to the node becomes one tree, with the node at its top
    auto below = kNone;
    for (auto x = node; x != kNone; x = nodes_[x].up) {
      splay(x);
      nodes_[x].right = below;
      below = x;
    }
    splay(node);
  }

  std::vector<Node> nodes_;
};

ThreadLinks::ThreadLinks(std::size_t messages) : ids_(messages) { nodes_.reserve(messages); }
ThreadLinks::~ThreadLinks() = default;

void ThreadLinks::add(std::uint32_t index, const ThreadMessage& message) {
  auto node = message.id != 0 ? ids_.number(message.id) : ids_.unique();
  grow();
  if (messages_[node] != kNone) {  // the first message with an id keeps it
    node = ids_.unique();
    grow();
  }
  messages_[node] = index;
  nodes_.push_back(node);
  auto parent = kNone;
  for (const auto reference : message.references) {
    const auto next = ids_.number(reference);
    grow();
    if (parent != kNone) link(parent, next);
    parent = next;
  }
  // What a message says of itself counts more than what others say.
  if (parents_[node] != kNone && parents_[node] != parent) cut(node);
  if (parent != kNone) link(parent, node);
}

void ThreadLinks::grow() {
  parents_.resize(ids_.size(), kNone);
  messages_.resize(ids_.size(), kNone);
  if (roots_) roots_->grow(ids_.size());
}

void ThreadLinks::link(std::uint32_t parent, std::uint32_t child) {
  if (parents_[child] != kNone || parent == child) return;
  ++links_;
  if (root_of(parent) == child) return;
  parents_[child] = parent;
  if (roots_) roots_->link(parent, child);
}

void ThreadLinks::cut(std::uint32_t node) {
  parents_[node] = kNone;
  if (roots_) roots_->cut(node);
}

std::uint32_t ThreadLinks::root_of(std::uint32_t node) {
  if (roots_) return roots_->root_of(node);
  while (parents_[node] != kNone) {
    node = parents_[node];
    ++steps_;
  }
  if (steps_ > kStepsAtFirst + links_ * kStepsPerLink) roots_ = std::make_unique<Roots>(parents_);
  return node;
}

// Follows parents up to a node that ends the way; each node is passed once.
template <class Ends>
std::vector<std::uint32_t> ThreadLinks::resolved(Ends ends) const {
  std::vector<std::uint32_t> out(size(), kNone), way;
  for (std::uint32_t start = 0; start < size(); ++start) {
    auto node = start;
    while (out[node] == kNone && !ends(node)) {
      way.push_back(node);
      node = parents_[node];
    }
    const auto end = out[node] == kNone ? node : out[node];
    out[node] = end;
    for (const auto passed : way) out[passed] = end;
    way.clear();
  }
  return out;
}

std::vector<std::uint32_t> ThreadLinks::holders() const {
  return resolved([&](std::uint32_t node) { return messages_[node] != kNone || parents_[node] == kNone; });
}

std::vector<std::uint32_t> ThreadLinks::roots_of_nodes() const {
  return resolved([&](std::uint32_t node) { return parents_[node] == kNone; });
}

}  // namespace imap
