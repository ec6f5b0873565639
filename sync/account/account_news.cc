// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What of a pass is news to a person.
#include "sync/account/account.h"

namespace mirror {

namespace {

constexpr const char* kToldNote = "problems-told";
constexpr const char* kFetchedNote = "first-fetch";  // "pending", "done"; empty: no pass yet, or an earlier version's

}  // namespace

// Until one pass over all mailboxes has come to its end, what is fetched is no news.
bool Account::is_first_fetch() {
  const auto said = journal_->note(kFetchedNote);
  if (!said.empty()) return said == "pending";
  if (!Directions::is_first(*journal_)) return false;
  journal_->put_note(kFetchedNote, "pending");
  return true;
}

void Account::end_first_fetch() { journal_->put_note(kFetchedNote, "done"); }

ProblemNews Account::news_since_last(const PassResult& result) {
  failures_ = result.end ? failures_ + 1 : 0;
  ProblemNews out;
  if (closing_ || !config_.hooks.wants_problems()) return out;
  try {
    auto told = problems_of(journal_->note(kToldNote));
    out = news_of(told, result, failures_);
    if (out.any()) journal_->put_note(kToldNote, text_of(told));
  } catch (const std::exception& error) {
    log_.warning("the outcome cannot be recorded", {{"why", error.what()}});
  }
  return out;
}

}  // namespace mirror
