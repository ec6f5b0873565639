// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ThreadRoots: RFC 5256's REFERENCES from step 2 on: roots, their order, and those that have a subject in common.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "proto/search/thread_links.h"
#include "proto/search/threads.h"

namespace imap {

// The positions of messages by date, then number.
std::vector<std::uint32_t> by_date(std::span<const ThreadMessage> messages);

class ThreadRoots {
 public:
  ThreadRoots(const ThreadLinks& links, std::span<const ThreadMessage> messages);

  void sort_by_first();   // REFERENCES, step 4: by the date of a thread's first message
  void join_subjects();   // steps 5 and 6
  void sort_by_newest();  // REFS: by the date of a thread's newest message
  Threads threads() const;

 private:
  static constexpr std::uint32_t kNone = ThreadLinks::kNone;
  struct Root {
    std::uint32_t node = kNone;
    std::uint32_t message = kNone;  // kNone: a dummy
    std::uint32_t joined = kNone;   // the root, by its place in roots_, that has the same subject
    bool is_reply = false;
    bool gone = false;
    bool is_dummy() const { return message == kNone; }
  };
  void add_child(std::uint32_t parent, std::uint32_t child);  // at the beginning
  void sort_children(std::uint32_t node);
  bool has_one_child(std::uint32_t node) const;
  std::uint32_t first_message(const Root& root) const;
  void find_subjects();
  void join(std::size_t at);

  const ThreadLinks& links_;
  std::span<const ThreadMessage> messages_;
  std::vector<std::uint32_t> places_;                 // of messages, by date
  std::vector<std::uint32_t> first_child_, sibling_;  // by node
  std::vector<Root> roots_;
  std::vector<std::uint32_t> unsorted_;  // nodes that got children
};

}  // namespace imap
