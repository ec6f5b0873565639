// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// SequenceSet: a set as written, with '*' and '$'. IntervalSet: a set as meant, with set algebra.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "proto/numbers.h"

namespace imap {

// Sorted, disjoint, non-adjacent closed intervals of numbers >= 1. Cheap for the sets that mail has: few ranges, many
// members.
template <class Number>
class IntervalSet {
 public:
  using rep = typename Number::rep;
  struct Range {
    rep first;
    rep last;  // inclusive
    bool operator==(const Range&) const = default;
  };

  IntervalSet() = default;
  IntervalSet(std::initializer_list<Range> ranges) {
    for (auto r : ranges) add(Number(r.first), Number(r.last));
  }
  static IntervalSet of(Number n) {
    IntervalSet s;
    s.add(n);
    return s;
  }
  static IntervalSet between(Number first, Number last) {
    IntervalSet s;
    if (first <= last) s.add(first, last);
    return s;
  }

  bool empty() const { return ranges_.empty(); }
  std::uint64_t size() const {
    std::uint64_t n = 0;
    for (auto& r : ranges_) n += std::uint64_t(r.last) - r.first + 1;
    return n;
  }
  const std::vector<Range>& ranges() const { return ranges_; }
  Number min() const { return Number(ranges_.front().first); }  // not empty
  Number max() const { return Number(ranges_.back().last); }    // not empty

  bool contains(Number n) const {
    auto it =
        std::lower_bound(ranges_.begin(), ranges_.end(), n.value, [](const Range& r, rep v) { return r.last < v; });
    return it != ranges_.end() && it->first <= n.value;
  }

  void add(Number n) { add(n, n); }
  void add(Number first, Number last) {  // amortised O(1) in ascending order
    rep a = first.value, b = last.value;
    if (a > b) std::swap(a, b);
    if (ranges_.empty() || ranges_.back().last < a) {
      if (!ranges_.empty() && ranges_.back().last + 1 == a)
        ranges_.back().last = b;
      else
        ranges_.push_back({a, b});
      return;
    }
    auto it = std::lower_bound(ranges_.begin(), ranges_.end(), a,
                               [](const Range& r, rep v) { return v != 0 && r.last < v - 1; });
    if (it == ranges_.end() || (b != static_cast<rep>(-1) && it->first > b + 1)) {
      ranges_.insert(it, {a, b});
      return;
    }
    it->first = std::min(it->first, a);
    it->last = std::max(it->last, b);
    auto next = it + 1;
    while (next != ranges_.end() && (it->last == static_cast<rep>(-1) || next->first <= it->last + 1)) {
      it->last = std::max(it->last, next->last);
      ++next;
    }
    ranges_.erase(it + 1, next);
  }
  void add(const IntervalSet& other) {
    for (auto& r : other.ranges_) add(Number(r.first), Number(r.last));
  }
  void remove(Number n) { *this = minus(of(n)); }

  IntervalSet minus(const IntervalSet& other) const {
    IntervalSet out;
    auto o = other.ranges_.begin();
    for (auto r : ranges_) {
      std::uint64_t a = r.first;
      while (o != other.ranges_.end() && o->last < a) ++o;
      auto p = o;
      while (p != other.ranges_.end() && p->first <= r.last && a <= r.last) {
        if (p->first > a) out.ranges_.push_back({static_cast<rep>(a), static_cast<rep>(p->first - 1)});
        a = std::uint64_t(p->last) + 1;
        ++p;
      }
      if (a <= r.last) out.ranges_.push_back({static_cast<rep>(a), r.last});
    }
    return out;
  }
  IntervalSet intersect(const IntervalSet& other) const {
    IntervalSet out;
    auto a = ranges_.begin(), b = other.ranges_.begin();
    while (a != ranges_.end() && b != other.ranges_.end()) {
      rep lo = std::max(a->first, b->first), hi = std::min(a->last, b->last);
      if (lo <= hi) out.ranges_.push_back({lo, hi});
      (a->last < b->last) ? ++a : ++b;
    }
    return out;
  }

  template <class F>
  void for_each(F f) const {  // ascending
    for (auto& r : ranges_)
      for (std::uint64_t v = r.first; v <= r.last; ++v) f(Number(static_cast<rep>(v)));
  }

  std::string to_string() const {  // "1,3:5"; empty for the empty set, which has no text on the wire
    std::string out;
    for (auto& r : ranges_) {
      if (!out.empty()) out += ',';
      out += std::to_string(r.first);
      if (r.last != r.first) out += ':' + std::to_string(r.last);
    }
    return out;
  }

  bool operator==(const IntervalSet&) const = default;

 private:
  std::vector<Range> ranges_;
};

using UidSet = IntervalSet<Uid>;
using SeqSet = IntervalSet<SeqNum>;

// sequence-set as written (RFC 9051 section 9). 0 stands for '*'.
struct SequenceSet {
  struct Range {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    bool operator==(const Range&) const = default;
  };
  std::vector<Range> ranges;
  bool saved = false;  // "$" (RFC 5182); then ranges is empty

  bool operator==(const SequenceSet&) const = default;

  // What is meant when '*' is this number (the largest in use; 0 in an empty mailbox, where '*' means nothing).
  template <class Number>
  IntervalSet<Number> resolve(Number star) const {
    IntervalSet<Number> out;
    for (auto& r : ranges) {
      auto a = r.first ? r.first : star.value, b = r.last ? r.last : star.value;
      if (a == 0 || b == 0) continue;
      out.add(Number(std::min(a, b)), Number(std::max(a, b)));
    }
    return out;
  }
  template <class Number>
  static SequenceSet of(const IntervalSet<Number>& set) {
    SequenceSet out;
    for (auto& r : set.ranges()) out.ranges.push_back({r.first, r.last});
    return out;
  }
};

// Which messages a command speaks of: by number or, in the UID form of the command, by UID.
struct MessageSet {
  enum class By : std::uint8_t { Number, Uid };
  By by = By::Number;
  SequenceSet set;
  bool operator==(const MessageSet&) const = default;
};

}  // namespace imap
