// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Threads as RFC 5256 wants them. A message is told in one line: number, date, subject ("Re:" before it), id,
// references; a letter is an id, "-" is none.
#include "proto/search/threads.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <random>
#include <sstream>

#include "proto/printer.h"
#include "proto/response/thread.h"
#include "proto/search/thread_links.h"

namespace {

using namespace imap;
using enum ThreadAlgorithm;

std::uint64_t id_of(std::string_view word) { return word == "-" ? 0 : std::hash<std::string_view>()(word) | 1; }

class Mailbox {
 public:
  explicit Mailbox(std::initializer_list<const char*> lines) {
    for (const auto* line : lines) {
      std::istringstream in(line);
      ThreadMessage message;
      std::string subject, word;
      in >> message.number >> message.date >> subject >> word;
      message.is_reply_or_forward = subject.starts_with("Re:");
      message.subject = id_of(message.is_reply_or_forward ? std::string_view(subject).substr(3) : subject);
      message.id = id_of(word);
      references_.emplace_back();
      while (in >> word) references_.back().push_back(id_of(word));
      message.references = references_.back();
      messages_.push_back(message);
    }
  }
  std::string threads(ThreadAlgorithm algorithm) const {
    std::string out;
    Printer printer(out);
    ThreadResponse{make_threads(algorithm, messages_)}.print(printer);
    return out.substr(8, out.size() - 10);
  }

 private:
  std::deque<std::vector<std::uint64_t>> references_;
  std::vector<ThreadMessage> messages_;
};

TEST(Threads, nothing) {
  for (const auto algorithm : {OrderedSubject, References, Refs}) EXPECT_TRUE(make_threads(algorithm, {}).empty());
}

TEST(Threads, by_subject) {
  const Mailbox mailbox{"1 50 b -", "2 10 a -", "3 40 Re:a -", "4 60 Re:b -", "5 20 - -", "6 30 a -", "7 5 - -"};
  EXPECT_EQ(mailbox.threads(OrderedSubject), " (7 5)(2 (6)(3))(1 4)");
}

TEST(Threads, chains_and_branches) {
  const Mailbox mailbox{"1 1 s a",        "2 2 Re:s b a", "3 3 Re:s c a b", "4 4 Re:s d a b c",
                        "5 5 Re:s e a b", "6 6 x f",      "7 7 Re:x g f"};
  EXPECT_EQ(mailbox.threads(References), " (1 2 (3 4)(5))(6 7)");
  EXPECT_EQ(mailbox.threads(Refs), " (1 2 (3 4)(5))(6 7)");
}

TEST(Threads, children_are_ordered_by_date_then_number) {
  const Mailbox mailbox{"1 1 s a", "2 9 s b a", "3 5 s c a", "4 5 s d a"};
  EXPECT_EQ(mailbox.threads(References), " (1 (3)(4)(2))");
}

TEST(Threads, messages_that_are_not_here) {
  const Mailbox two{"1 1 s b a", "2 2 s c a"};
  EXPECT_EQ(two.threads(References), " ((1)(2))") << "they belong together";
  EXPECT_EQ(two.threads(Refs), " ((1)(2))");
  const Mailbox one{"1 1 s d a b c"};
  EXPECT_EQ(one.threads(References), " (1)");
  EXPECT_EQ(one.threads(Refs), " (1)");
  const Mailbox between{"1 1 s a", "2 2 s d a b c", "3 3 s e a b x"};
  EXPECT_EQ(between.threads(References), " (1 (2)(3))");
}

TEST(Threads, one_subject_joins_threads) {
  EXPECT_EQ(Mailbox({"1 1 s a", "2 2 Re:s b"}).threads(References), " (1 2)") << "a reply is below what it replies to";
  EXPECT_EQ(Mailbox({"1 1 Re:s a", "2 2 s b"}).threads(References), " (2 1)");
  EXPECT_EQ(Mailbox({"1 1 s a", "2 2 s b"}).threads(References), " ((1)(2))") << "else they are side by side";
  EXPECT_EQ(Mailbox({"1 1 s a", "2 2 s b", "3 3 s c"}).threads(References), " ((1)(2)(3))");
  EXPECT_EQ(Mailbox({"1 1 s b x", "2 2 s c x", "3 3 s d y", "4 4 s e y"}).threads(References), " ((1)(2)(3)(4))");
  EXPECT_EQ(Mailbox({"1 1 s b x", "2 2 s c x", "3 0 Re:s d"}).threads(References), " ((3)(1)(2))");
  EXPECT_EQ(Mailbox({"1 1 - a", "2 2 - b"}).threads(References), " (1)(2)") << "no subject joins nothing";
  EXPECT_EQ(Mailbox({"1 1 s a", "2 2 Re:s b"}).threads(Refs), " (1)(2)") << "REFS looks at no subject";
}

TEST(Threads, refs_are_ordered_by_their_newest_message) {
  const Mailbox mailbox{"1 1 s a", "2 5 t b", "3 9 Re:s c a", "4 5 u d"};
  EXPECT_EQ(mailbox.threads(Refs), " (2)(4)(1 3)");
  EXPECT_EQ(mailbox.threads(References), " (1 3)(2)(4)");
}

TEST(Threads, circles_are_left_open) {
  EXPECT_EQ(Mailbox({"1 1 s a b", "2 2 t b a"}).threads(References), " (2 1)");
  EXPECT_EQ(Mailbox({"1 1 s a a"}).threads(References), " (1)");
  const auto knot = Mailbox({"1 1 s a b c d", "2 2 t b d a", "3 3 u c a b", "4 4 v d c"}).threads(Refs);
  for (const char message : std::string_view("1234")) EXPECT_EQ(std::ranges::count(knot, message), 1) << knot;
}

TEST(Threads, an_id_that_comes_twice_is_the_first_ones) {
  EXPECT_EQ(Mailbox({"1 1 s a", "2 2 t a", "3 3 u b a"}).threads(References), " (1 3)(2)");
}

TEST(Threads, what_a_message_says_of_itself_counts_more) {
  EXPECT_EQ(Mailbox({"1 1 s c a b", "2 2 t b", "3 3 u a"}).threads(References), " (2 1)(3)");
}

// All pairs (message, parent) of a forest, by a second way: walking up each time.
TEST(Threads, links_are_those_that_walking_finds) {
  std::mt19937 chance(3);
  for (int round = 0; round < 300; ++round) {
    const std::size_t count = 1 + chance() % 60, ids = 1 + chance() % 40;
    std::deque<std::vector<std::uint64_t>> references;
    ThreadLinks links(count);
    std::vector<std::uint32_t> parents(ids, ThreadLinks::kNone);
    std::vector<bool> taken(ids);
    std::vector<std::uint32_t> numbers(ids, ThreadLinks::kNone);
    std::uint32_t next = 0, extra = 0;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> doubles;
    const auto met = [&](std::size_t id) {
      if (numbers[id] == ThreadLinks::kNone) numbers[id] = next++;
      return static_cast<std::uint32_t>(id);
    };
    const auto link = [&](std::uint32_t parent, std::uint32_t child) {
      if (parents[child] != ThreadLinks::kNone) return;
      for (auto at = parent; at != ThreadLinks::kNone; at = parents[at])
        if (at == child) return;
      parents[child] = parent;
    };
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto id = met(chance() % ids);
      const bool is_double = taken[id];
      taken[id] = true;
      if (is_double) ++next, ++extra;
      references.emplace_back();
      auto last = ThreadLinks::kNone;
      for (auto n = chance() % 5; n > 0; --n) {
        const auto reference = met(chance() % ids);
        references.back().push_back(reference + 1);
        if (last != ThreadLinks::kNone) link(last, reference);
        last = reference;
      }
      links.add(i, {.number = i + 1, .id = id + 1ull, .references = references.back()});
      if (is_double) continue;
      if (parents[id] != last) parents[id] = ThreadLinks::kNone;
      if (last != ThreadLinks::kNone) link(last, id);
    }
    for (std::size_t id = 0; id < ids; ++id) {
      if (numbers[id] == ThreadLinks::kNone) continue;
      const auto parent = parents[id] == ThreadLinks::kNone ? ThreadLinks::kNone : numbers[parents[id]];
      EXPECT_EQ(links.parent(numbers[id]), parent) << round;
    }
  }
}

// Deep, wide and circular ones take no more than seconds, and no stack.
TEST(Threads, hostile_references) {
  constexpr std::uint32_t kMany = 100'000;
  std::vector<std::uint64_t> chain(kMany);
  for (std::uint32_t i = 0; i < kMany; ++i) chain[i] = i + 1;
  std::vector<ThreadMessage> messages{{.number = 1, .id = kMany + 1, .references = chain}};
  for (std::uint32_t i = 2; i <= kMany; ++i)  // below the end of it, and back to its beginning
    messages.push_back({.number = i,
                        .date = i,
                        .subject = i,
                        .id = kMany + i,
                        .references = std::span(chain).subspan(i % 2 == 0 ? kMany - 1 : i % kMany, 1)});
  std::vector<ThreadMessage> deep;
  for (std::uint32_t i = 1; i <= kMany; ++i)
    deep.push_back({.number = i, .id = i, .references = std::span(chain).subspan(i < 2 ? 0 : i - 2, i < 2 ? 0 : 1)});
  const auto before = std::chrono::steady_clock::now();
  for (const auto& mailbox : {messages, deep})
    for (const auto algorithm : {References, Refs}) {
      const auto threads = make_threads(algorithm, mailbox);
      EXPECT_GE(threads.size(), kMany);
      std::string text;
      Printer printer(text);
      ThreadResponse{threads}.print(printer);
      EXPECT_GT(text.size(), kMany);
    }
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(20));
}

TEST(Threads, are_stopped) {
  const ThreadMessage message{.number = 1, .references = {}};
  EXPECT_TRUE(make_threads(References, {&message, 1}, [] { return true; }).empty());
}

}  // namespace
