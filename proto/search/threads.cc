// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/search/threads.h"

#include "proto/flags.h"
#include "proto/search/number_table.h"
#include "proto/search/thread_links.h"
#include "proto/search/thread_roots.h"

namespace imap {

namespace {

struct Name {
  std::string_view name;
  ThreadAlgorithm algorithm;
};
constexpr Name kNames[] = {{"ORDEREDSUBJECT", ThreadAlgorithm::OrderedSubject},
                           {"REFERENCES", ThreadAlgorithm::References},
                           {"REFS", ThreadAlgorithm::Refs}};

constexpr std::size_t kSlice = 4096;

// Messages with one subject, and those without, are a thread each: the first of them with the others as its children.
// Threads are met in the order of their first messages.
Threads by_subject(std::span<const ThreadMessage> messages) {
  NumberTable subjects(messages.size());
  std::vector<std::vector<std::uint32_t>> threads;
  for (const auto position : by_date(messages)) {
    const auto& message = messages[position];
    const auto thread = subjects.number(message.subject == 0 ? 1 : message.subject);
    if (thread == threads.size()) threads.emplace_back();
    threads[thread].push_back(message.number);
  }
  Threads out;
  out.reserve(messages.size());
  for (const auto& thread : threads) {
    out.push_back({thread.front(), static_cast<std::uint32_t>(thread.size() - 1)});
    for (const auto number : std::span(thread).subspan(1)) out.push_back({number, 0});
  }
  return out;
}

}  // namespace

std::string_view thread_algorithm_name(ThreadAlgorithm algorithm) {
  for (const auto& row : kNames)
    if (row.algorithm == algorithm) return row.name;
  return {};
}

std::optional<ThreadAlgorithm> thread_algorithm(std::string_view name) {
  for (const auto& row : kNames)
    if (equal_ignoring_case(row.name, name)) return row.algorithm;
  return std::nullopt;
}

Threads make_threads(ThreadAlgorithm algorithm, std::span<const ThreadMessage> messages,
                     const std::function<bool()>& stop) {
  if (algorithm == ThreadAlgorithm::OrderedSubject) return by_subject(messages);
  ThreadLinks links(messages.size());
  for (std::uint32_t i = 0; i < messages.size(); ++i) {
    if (i % kSlice == 0 && stop && stop()) return {};
    links.add(i, messages[i]);
  }
  ThreadRoots roots(links, messages);
  if (algorithm == ThreadAlgorithm::References) {
    roots.sort_by_first();
    roots.join_subjects();
  } else {
    roots.sort_by_newest();
  }
  return roots.threads();
}

}  // namespace imap
