// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern verify: compares both sides message by message: that each has its twin, with the same text, flags and date.
// --all: the server is asked for every text again. --repair: what one right answer tells is made right, by a pass that
// looks at everything anew; what is left is said.
#include "sync/account/verify.h"

#include <algorithm>

#include "sync/command/command.h"

namespace mirror {

namespace {

void say(const VerifyResult& result, CommandOutput& output) {
  for (const auto& difference : result.differences) output.say(difference);
  output.say(std::to_string(result.messages) + " messages compared in " + std::to_string(result.mailboxes) +
             " mailboxes, " + std::to_string(result.differences.size()) + " differences");
}

asio::awaitable<void> look_at_everything(Account& account) {
  const auto mailboxes = co_await account.workers().run([&] {
    account.journal().look_at_all();
    return account.journal().mailboxes();
  });
  for (const auto& one : mailboxes) account.look_again_at(one.path);
}

}  // namespace

asio::awaitable<int> verify_command(Account& account, const std::vector<std::string>& words, CommandOutput& output) {
  const auto has = [&](const char* word) { return std::ranges::find(words, word) != words.end(); };
  Verification first(account, {.forgets = has("--all")});
  co_await first.run();
  say(first.result(), output);
  if (first.result().differences.empty() || !has("--repair")) co_return first.result().differences.empty() ? 0 : 1;
  co_await look_at_everything(account);
  const auto pass = co_await account.run_pass();
  output.say("looked at anew: " + pass.summary());
  for (const auto& problem : pass.problems) output.complain(problem);
  if (pass.end) {
    output.complain(pass.end->text);
    co_return exit_code_of(pass.end->reason);
  }
  Verification second(account, {.reads_here = false});
  co_await second.run();
  say(second.result(), output);
  co_return second.result().differences.empty() ? 0 : 1;
}

}  // namespace mirror
