// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Threading (RFC 5256; REFS as Dovecot has it): which message answers which, found from message ids and subjects.
// A mailbox may make a thread as deep as it has messages: nothing here uses recursion.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace imap {

enum class ThreadAlgorithm : std::uint8_t { OrderedSubject, References, Refs };
std::string_view thread_algorithm_name(ThreadAlgorithm algorithm);
std::optional<ThreadAlgorithm> thread_algorithm(std::string_view name);

// A forest, parents before their children: a node is followed by its first child with all of that one's descendants,
// then by its second child ...
struct ThreadNode {
  std::uint32_t number = 0;    // of the message; 0, at a root alone: no message, but the children belong together
  std::uint32_t children = 0;  // how many
  bool operator==(const ThreadNode&) const = default;
};
using Threads = std::vector<ThreadNode>;

// What is known of a message. Ids, references and subjects are equal where their numbers are; 0 is none.
struct ThreadMessage {
  std::uint32_t number = 0;
  std::uint32_t date = 0;  // when it was sent
  bool is_reply_or_forward = false;
  std::uint64_t subject = 0;  // base subject
  std::uint64_t id = 0;
  std::span<const std::uint64_t> references;  // oldest first
};

// Messages come in the order of their numbers. stop() is asked now and then, and ends it early: then what is returned
// means nothing.
Threads make_threads(ThreadAlgorithm algorithm, std::span<const ThreadMessage> messages,
                     const std::function<bool()>& stop = {});

}  // namespace imap
