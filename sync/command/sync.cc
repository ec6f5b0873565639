// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern sync [MAILBOX...]: one pass, of these mailboxes or all; what could not be done, and one line at the end.
#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdio>

#include "sync/command/shown_plan.h"

namespace mirror {

namespace {

constexpr auto kShowEvery = std::chrono::milliseconds(100);

std::string shown(const Progress& progress) {
  const auto& counts = progress.counts;
  char text[160];
  std::snprintf(text, sizeof text, "%" PRIu64 " of %" PRIu64 " messages, %.1f MB, %" PRIu64 " flag changes",
                counts.copied_to_local + counts.copied_to_remote, progress.to_copy,
                static_cast<double>(counts.octets) / 1e6, counts.flagged_local + counts.flagged_remote);
  return text;
}

struct Asked {
  bool consent = false, asks = false, repairs = false;
  std::vector<std::string> mailboxes;
};

Asked understand(const std::vector<std::string>& words) {
  Asked out;
  for (const auto& word : words) {
    if (word == "--yes")
      out.consent = true;
    else if (word == "--ask")
      out.asks = true;
    else if (word == "--repair")
      out.repairs = true;
    else
      out.mailboxes.push_back(word);
  }
  return out;
}

void tell(const PassResult& result, CommandOutput& output) {
  for (const auto& sentence : result.told) output.say(sentence);
  for (const auto& note : result.notes) output.say(note + " (mode)");
  for (const auto& problem : result.problems) output.complain(problem);
  if (result.end)
    output.complain(result.summary());
  else
    output.say(result.summary());
}

}  // namespace

asio::awaitable<int> sync_command(Account& account, const std::vector<std::string>& words, CommandOutput& output) {
  const auto asked = understand(words);
  account.limit_to(asked.mailboxes);
  if (asked.asks && account.asks_before_sending()) {
    const auto plan = co_await account.plan();
    if (plan.changes(Side::Remote)) {
      show_plan(plan, output);
      co_return kWantsConsent;
    }
  }
  if (asked.repairs) co_await account.workers().run([&] { account.journal().look_at_all(); });
  auto last = std::chrono::steady_clock::now();
  account.try_all_held(true);
  if (const auto exposed = exposed_password(account.config()); !exposed.empty()) output.complain(exposed);
  const auto result = co_await account.run_pass(
      [&](const Progress& progress) {
        const auto now = std::chrono::steady_clock::now();
        if (now - last < kShowEvery) return;
        last = now;
        output.show_progress(shown(progress));
      },
      asked.consent);
  tell(result, output);
  if (asked.mailboxes.empty() || result.end) co_return result.exit_code();
  const auto known = co_await account.workers().run([&] { return account.journal().mailboxes(); });
  bool all_known = true;
  for (const auto& name : asked.mailboxes) {
    if (std::ranges::any_of(known, [&](const auto& one) { return one.path.shown() == name; }) ||
        std::ranges::any_of(result.problems, [&](const auto& one) { return one.starts_with(name + ':'); }))
      continue;
    output.complain("there is no mailbox " + name + " on either side");
    all_known = false;
  }
  co_return all_known ? result.exit_code() : std::max(1, result.exit_code());
}

}  // namespace mirror
