// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ThreadLinks: RFC 5256's REFERENCES, step 1: messages and the ids that they name, each with at most one parent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "proto/search/number_table.h"
#include "proto/search/threads.h"

namespace imap {

class ThreadLinks {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  explicit ThreadLinks(std::size_t messages);
  ~ThreadLinks();
  ThreadLinks(const ThreadLinks&) = delete;
  ThreadLinks& operator=(const ThreadLinks&) = delete;

  // Messages are added in their order, 0, 1, 2 ...
  void add(std::uint32_t index, const ThreadMessage& message);

  // Nodes are numbered in the order in which their ids were met.
  std::size_t size() const { return parents_.size(); }
  std::uint32_t parent(std::uint32_t node) const { return parents_[node]; }
  std::uint32_t message(std::uint32_t node) const { return messages_[node]; }  // kNone: only its id is known
  std::uint32_t node(std::uint32_t message) const { return nodes_[message]; }

  // For each node what its children belong to when ids without a message are left out: itself, or the nearest ancestor
  // with a message, or the highest without.
  std::vector<std::uint32_t> holders() const;
  std::vector<std::uint32_t> roots_of_nodes() const;

 private:
  class Roots;
  void link(std::uint32_t parent, std::uint32_t child);
  void cut(std::uint32_t node);
  std::uint32_t root_of(std::uint32_t node);
  void grow();
  template <class Ends>
  std::vector<std::uint32_t> resolved(Ends ends) const;

  NumberTable ids_;
  std::vector<std::uint32_t> parents_, messages_;  // by node
  std::vector<std::uint32_t> nodes_;               // by message
  std::size_t steps_ = 0, links_ = 0;
  std::unique_ptr<Roots> roots_;  // once walking has become slow
};

}  // namespace imap
