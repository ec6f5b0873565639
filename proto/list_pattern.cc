// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A pattern is run as a set of positions: after each octet of the name, where in the pattern one can be. The work is
// the product of the two lengths, whatever the wildcards.
#include "proto/list_pattern.h"

#include <algorithm>
#include <vector>

#include "proto/flags.h"

namespace imap {

namespace {

class PatternRun {
 public:
  PatternRun(std::string_view pattern, char delimiter)
      : pattern_(pattern), delimiter_(delimiter), at_(pattern.size() + 1), next_(pattern.size() + 1) {
    at_[0] = true;
    pass_wildcards();
  }
  void step(char c) {
    next_.assign(at_.size(), false);
    for (std::size_t i = 0; i < pattern_.size(); ++i) {
      if (!at_[i]) continue;
      if (pattern_[i] == '*' || (pattern_[i] == '%' && c != delimiter_))
        next_[i] = true;
      else if (pattern_[i] == c)
        next_[i + 1] = true;
    }
    at_.swap(next_);
    pass_wildcards();
  }
  bool accepts() const { return at_.back(); }

 private:
  void pass_wildcards() {
    for (std::size_t i = 0; i < pattern_.size(); ++i)
      if (at_[i] && (pattern_[i] == '*' || pattern_[i] == '%')) at_[i + 1] = true;
  }
  std::string_view pattern_;
  char delimiter_;
  std::vector<bool> at_, next_;
};

}  // namespace

ListPattern::ListPattern(std::string_view utf8_pattern, char delimiter) : delimiter_(delimiter) {
  // "**", "%%" and "*%" say no more than "*", "%" and "*".
  for (const char c : utf8_pattern) {
    if ((c == '*' || c == '%') && !pattern_.empty() && (pattern_.back() == '*' || pattern_.back() == '%')) {
      if (c == '*') pattern_.back() = '*';
      continue;
    }
    pattern_ += c;
  }
  constexpr std::string_view kInbox = "INBOX";
  if (pattern_.size() >= kInbox.size() &&
      equal_ignoring_case(std::string_view(pattern_).substr(0, kInbox.size()), kInbox) &&
      (pattern_.size() == kInbox.size() || pattern_[kInbox.size()] == delimiter || pattern_[kInbox.size()] == '*' ||
       pattern_[kInbox.size()] == '%'))
    pattern_.replace(0, kInbox.size(), kInbox);
  least_ = static_cast<std::size_t>(std::ranges::count_if(pattern_, [](char c) { return c != '*' && c != '%'; }));
}

bool ListPattern::matches(std::string_view utf8_name) const {
  if (utf8_name.size() < least_) return false;
  PatternRun run(pattern_, delimiter_);
  for (const char c : utf8_name) run.step(c);
  return run.accepts();
}

bool ListPattern::matches_parent_of(std::string_view utf8_name) const {
  if (utf8_name.size() < least_) return false;
  PatternRun run(pattern_, delimiter_);
  for (const char c : utf8_name) {
    if (c == delimiter_ && delimiter_ != 0 && run.accepts()) return true;
    run.step(c);
  }
  return false;
}

}  // namespace imap
