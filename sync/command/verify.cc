// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern verify: compares both sides message by message: that each has its twin, with the same text, flags and date.
// --all: the server is asked for every text again. --repair: what one right answer tells is made right, by a pass that
// looks at everything anew; what is left is said. Dates that differ where the texts do not are known from then on: a
// server lets nobody set them.
#include "sync/account/verify.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "sync/command/command.h"

namespace mirror {

namespace {

void say_text(const VerifyResult& result, CommandOutput& output) {
  for (const auto& difference : result.differences) output.say(difference);
  for (const auto& what : result.withheld) output.say(what + " (mode)");
  if (result.known_dates > 0)
    output.say(message_count(result.known_dates) +
               " with another date than on the server, as when it was paired (no difference)");
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

using Json = nlohmann::ordered_json;

void say_json(const Account& account, const VerifyResult& result, CommandOutput& output) {
  const Json out{{"account", account.config().name},  {"good", result.differences.empty()},
                 {"messages", result.messages},       {"mailboxes", result.mailboxes},
                 {"differences", result.differences}, {"forbidden", result.withheld},
                 {"known_dates", result.known_dates}};
  output.say(out.dump(-1, ' ', false, Json::error_handler_t::replace));
}

int code_of(const VerifyResult& result) { return result.differences.empty() ? 0 : 1; }

}  // namespace

// With --json the last comparison is told, and nothing else.
asio::awaitable<int> verify_command(Account& account, const std::vector<std::string>& words, CommandOutput& output) {
  const auto has = [&](const char* word) { return std::ranges::find(words, word) != words.end(); };
  const bool json = wants_json(words);
  const auto say = [&](const VerifyResult& result) {
    json ? say_json(account, result, output) : say_text(result, output);
    return code_of(result);
  };
  Verification first(account, {.forgets = has("--all")});
  co_await first.run();
  if (code_of(first.result()) == 0 || !has("--repair")) co_return say(first.result());
  if (!json) say(first.result());
  co_await look_at_everything(account);
  const auto pass = co_await account.run_pass();
  if (!json) output.say("looked at anew: " + pass.summary());
  for (const auto& problem : pass.problems)
    if (!json) output.complain(problem);
  if (pass.end) {
    output.complain(pass.end->text);
    co_return exit_code_of(pass.end->reason);
  }
  Verification second(account, {.reads_here = false, .accepts_dates = true});
  co_await second.run();
  co_return say(second.result());
}

}  // namespace mirror
