// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/search/thread_roots.h"

#include <algorithm>
#include <ranges>
#include <tuple>

#include "proto/search/number_table.h"
#include "proto/search/sort_order.h"

namespace imap {

std::vector<std::uint32_t> by_date(std::span<const ThreadMessage> messages) {
  std::vector<std::uint64_t> dates;
  dates.reserve(messages.size());
  for (const auto& message : messages) dates.push_back(message.date);
  const SortColumn column{dates, false};
  return sorted_positions(messages.size(), {&column, 1});
}

// Steps 2 and 3: ids without a message are left out, but for roots. Children are added from the last to the first.
ThreadRoots::ThreadRoots(const ThreadLinks& links, std::span<const ThreadMessage> messages)
    : links_(links),
      messages_(messages),
      places_(messages.size()),
      first_child_(links.size(), kNone),
      sibling_(links.size(), kNone) {
  const auto order = by_date(messages);
  const auto holders = links.holders();
  for (std::uint32_t place = 0; place < order.size(); ++place) places_[order[place]] = place;
  for (const auto message : order | std::views::reverse) {
    const auto node = links.node(message);
    if (const auto parent = links.parent(node); parent != kNone) add_child(holders[parent], node);
  }
  for (std::uint32_t node = 0; node < links.size(); ++node) {
    if (links.parent(node) != kNone) continue;
    if (links.message(node) == kNone && first_child_[node] == kNone) continue;
    roots_.push_back({.node = node, .message = links.message(node)});
  }
}

void ThreadRoots::add_child(std::uint32_t parent, std::uint32_t child) {
  sibling_[child] = first_child_[parent];
  first_child_[parent] = child;
}

void ThreadRoots::sort_children(std::uint32_t node) {
  std::vector<std::uint32_t> children;
  for (auto child = first_child_[node]; child != kNone; child = sibling_[child]) children.push_back(child);
  std::ranges::sort(children, std::ranges::greater(),
                    [&](std::uint32_t child) { return places_[links_.message(child)]; });
  first_child_[node] = kNone;
  for (const auto child : children) add_child(node, child);
}

bool ThreadRoots::has_one_child(std::uint32_t node) const {
  return first_child_[node] != kNone && sibling_[first_child_[node]] == kNone;
}

std::uint32_t ThreadRoots::first_message(const Root& root) const {
  return root.is_dummy() ? links_.message(first_child_[root.node]) : root.message;
}

// A dummy with one child gives its place to it.
void ThreadRoots::sort_by_first() {
  for (const auto node : unsorted_) sort_children(node);
  unsorted_.clear();
  std::erase_if(roots_, [](const Root& root) { return root.gone; });
  for (auto& root : roots_) {
    if (!root.is_dummy() || !has_one_child(root.node)) continue;
    root.node = first_child_[root.node];
    root.message = links_.message(root.node);
  }
  std::ranges::sort(roots_, {}, [&](const Root& root) { return places_[first_message(root)]; });
}

// Step 5B: of the roots with one subject, the one that the others will belong to.
void ThreadRoots::find_subjects() {
  NumberTable subjects(roots_.size());
  std::vector<std::uint32_t> chosen;
  for (std::uint32_t i = 0; i < roots_.size(); ++i) {
    auto& root = roots_[i];
    const auto& first = messages_[first_message(root)];
    if (first.subject == 0) continue;
    root.is_reply = first.is_reply_or_forward;
    const auto subject = subjects.number(first.subject);
    if (subject == chosen.size()) {
      chosen.push_back(i);
      continue;
    }
    auto& other = roots_[chosen[subject]];
    if (!other.is_dummy() && (root.is_dummy() || (other.is_reply && !root.is_reply))) {
      other.joined = i;
      chosen[subject] = i;
    } else {
      root.joined = chosen[subject];
    }
  }
}

// Step 5C.
void ThreadRoots::join(std::size_t at) {
  auto to = roots_[at].joined;
  while (roots_[to].joined != kNone) to = roots_[to].joined;
  auto &root = roots_[at], &other = roots_[to];
  root.gone = true;
  if (root.is_dummy()) {
    for (auto child = first_child_[root.node]; child != kNone;) {
      const auto next = sibling_[child];
      add_child(other.node, child);
      child = next;
    }
    first_child_[root.node] = kNone;
  } else if (other.is_dummy() || (root.is_reply && !other.is_reply)) {
    add_child(other.node, root.node);
  } else {
    const auto dummy = static_cast<std::uint32_t>(first_child_.size());
    first_child_.push_back(kNone);
    sibling_.push_back(kNone);
    add_child(dummy, other.node);
    add_child(dummy, root.node);
    other.joined = static_cast<std::uint32_t>(roots_.size());
    other.gone = true;
    unsorted_.push_back(dummy);
    roots_.push_back({.node = dummy});
    return;
  }
  unsorted_.push_back(other.node);
}

void ThreadRoots::join_subjects() {
  find_subjects();
  const auto count = roots_.size();
  for (std::size_t i = 0; i < count; ++i)
    if (roots_[i].joined != kNone && !roots_[i].gone) join(i);
  std::ranges::sort(unsorted_);
  const auto twice = std::ranges::unique(unsorted_);
  unsorted_.erase(twice.begin(), twice.end());
  sort_by_first();
}

void ThreadRoots::sort_by_newest() {
  const auto roots = links_.roots_of_nodes();
  std::vector<std::uint32_t> newest(links_.size());
  for (std::uint32_t i = 0; i < messages_.size(); ++i) {
    auto& date = newest[roots[links_.node(i)]];
    date = std::max(date, messages_[i].date);
  }
  std::ranges::sort(roots_, {}, [&](const Root& root) {
    return std::tuple(newest[root.node], root.is_dummy() ? 0 : messages_[root.message].number, root.node);
  });
}

Threads ThreadRoots::threads() const {
  Threads out;
  out.reserve(messages_.size());
  std::vector<std::uint32_t> waiting;
  for (const auto& root : roots_) {
    waiting.push_back(root.is_dummy() && has_one_child(root.node) ? first_child_[root.node] : root.node);
    while (!waiting.empty()) {
      const auto node = waiting.back();
      waiting.pop_back();
      const bool has_message = node < links_.size() && links_.message(node) != kNone;
      ThreadNode next{has_message ? messages_[links_.message(node)].number : 0, 0};
      const auto before = waiting.size();
      for (auto child = first_child_[node]; child != kNone; child = sibling_[child]) waiting.push_back(child);
      std::ranges::reverse(waiting.begin() + static_cast<std::ptrdiff_t>(before), waiting.end());
      next.children = static_cast<std::uint32_t>(waiting.size() - before);
      out.push_back(next);
    }
  }
  return out;
}

}  // namespace imap
