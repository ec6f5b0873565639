// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ProblemNews: which problems of an account have appeared with a pass, and which are gone: each is told once, and not
// with every pass, also where the process that runs the passes is another one by now.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sync/account/pass_result.h"

namespace mirror {

struct Problem {
  enum class Kind : std::uint8_t {
    Pass,  // it cannot go on
    Held,  // removals wait for a person's word
    Left,  // something was left undone
  };
  Kind kind = Kind::Left;
  std::string mailbox;  // of Held: whose; "(there)" behind it: what is missing on the server's side
  std::string text;     // a sentence; that of the same problem may change
  bool operator==(const Problem&) const = default;

  bool is_same(const Problem& other) const;
};

struct ProblemNews {
  std::vector<Problem> appeared, gone;
  bool any() const { return !appeared.empty() || !gone.empty(); }
};

// `told` is what was told before, and is brought up to date. `failures`: passes that could not go on, one after the
// other, this one among them: a network that is away for a moment is no problem yet.
ProblemNews news_of(std::vector<Problem>& told, const PassResult& result, int failures);

// As the journal keeps them. Damaged text gives fewer.
std::string text_of(const std::vector<Problem>& problems);
std::vector<Problem> problems_of(std::string_view text);

}  // namespace mirror
