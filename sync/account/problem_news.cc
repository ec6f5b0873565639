// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// DO NOT CHANGE what is written here: a problem is a line, its kind as a letter, its mailbox, a tab, its text.
#include "sync/account/problem_news.h"

#include <algorithm>

#include "proto/base/lines.h"

namespace mirror {

namespace {

constexpr std::size_t kMost = 200;            // problems that are remembered
constexpr int kFailuresUntilTold = 3;         // of a connection
constexpr std::string_view kLetters = "phl";  // by Kind

std::string in_a_line(std::string text) {
  for (char& c : text)
    if (c == '\n' || c == '\t' || c == '\r') c = ' ';
  return text;
}

bool may_pass_by_itself(base::Reason reason) {
  return reason == base::Reason::ConnectionLost || reason == base::Reason::Failed;
}

std::vector<Problem> problems_now(const PassResult& result) {
  std::vector<Problem> out;
  for (const auto& one : result.held_in)
    out.push_back(
        {Problem::Kind::Held, in_a_line(one.mailbox + (one.here ? "" : " (there)")), in_a_line(one.sentence)});
  for (const auto& text : result.problems) {
    if (std::ranges::find(result.held_in, text, &HeldRemovals::sentence) != result.held_in.end()) continue;
    out.push_back({Problem::Kind::Left, "", in_a_line(text)});
  }
  return out;
}

bool has(const std::vector<Problem>& all, const Problem& one) {
  return std::ranges::any_of(all, [&](const Problem& other) { return other.is_same(one); });
}

void appear(ProblemNews& news, std::vector<Problem>& told, const Problem& one) {
  if (has(told, one) || told.size() >= kMost) return;
  told.push_back(one);
  news.appeared.push_back(one);
}

template <class IsGone>
void leave(ProblemNews& news, std::vector<Problem>& told, const IsGone& is_gone) {
  for (const auto& one : told)
    if (is_gone(one)) news.gone.push_back(one);
  std::erase_if(told, is_gone);
}

}  // namespace

bool Problem::is_same(const Problem& other) const {
  return kind == other.kind &&
         (kind == Kind::Pass || (kind == Kind::Held ? mailbox == other.mailbox : text == other.text));
}

// A pass that was cut off, or was about single mailboxes, says nothing about the others.
ProblemNews news_of(std::vector<Problem>& told, const PassResult& result, int failures) {
  ProblemNews out;
  if (result.end) {
    if (!may_pass_by_itself(result.end->reason) || failures >= kFailuresUntilTold)
      appear(out, told, {Problem::Kind::Pass, "", in_a_line(result.end->text)});
    return out;
  }
  const auto now = problems_now(result);
  leave(out, told,
        [&](const Problem& one) { return one.kind == Problem::Kind::Pass || (result.whole && !has(now, one)); });
  for (const auto& one : now) appear(out, told, one);
  return out;
}

std::string text_of(const std::vector<Problem>& problems) {
  std::string out;
  for (const auto& one : problems)
    out += kLetters[static_cast<std::size_t>(one.kind)] + one.mailbox + '\t' + one.text + '\n';
  return out;
}

std::vector<Problem> problems_of(std::string_view text) {
  std::vector<Problem> out;
  while (const auto line = base::take_line(text)) {
    const auto kind = line->empty() ? std::string_view::npos : kLetters.find(line->front());
    const auto tab = line->find('\t');
    if (kind == std::string_view::npos || tab == std::string_view::npos) continue;
    out.push_back(
        {static_cast<Problem::Kind>(kind), std::string(line->substr(1, tab - 1)), std::string(line->substr(tab + 1))});
  }
  return out;
}

}  // namespace mirror
