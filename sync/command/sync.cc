// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern sync [MAILBOX...]: one pass, of these mailboxes or all; what could not be done, and one line at the end.
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>

#include <algorithm>
#include <chrono>
#include <memory>

#include <nlohmann/json.hpp>

#include "sync/command/shown_plan.h"

namespace mirror {

namespace {

using Json = nlohmann::ordered_json;

constexpr auto kShowEvery = std::chrono::milliseconds(200);

// Shows where the account's pass stands as long as it lives; account and output outlive it.
class ShownProgress {
 public:
  ShownProgress(const asio::any_io_executor& executor, const Account& account, CommandOutput& output)
      : state_(std::make_shared<State>(State{asio::steady_timer(executor), &account, &output})) {
    show(state_);
  }
  ~ShownProgress() {
    state_->account = nullptr;
    state_->timer.cancel();
  }
  ShownProgress(const ShownProgress&) = delete;
  ShownProgress& operator=(const ShownProgress&) = delete;

 private:
  struct State {
    asio::steady_timer timer;
    const Account* account;
    CommandOutput* output;
  };

  static void show(const std::shared_ptr<State>& state) {
    state->timer.expires_after(kShowEvery);
    state->timer.async_wait([state](asio::error_code error) {
      if (error || state->account == nullptr) return;
      if (const auto report = state->account->progress()) state->output->show_progress(*report);
      show(state);
    });
  }

  std::shared_ptr<State> state_;
};

struct Asked {
  bool consent = false, asks = false, repairs = false, json = false;
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
    else if (word == "--json")
      out.json = true;
    else
      out.mailboxes.push_back(word);
  }
  return out;
}

// The object of docs/json.md.
std::string json_of(const Account& account, const PassResult& result, const std::vector<std::string>& warnings) {
  Json out{{"account", account.config().name},
           {"good", result.good},
           {"summary", result.summary()},
           {"stopped", result.end ? Json(result.end->text) : Json()},
           {"problems", result.problems},
           {"told", result.told},
           {"forbidden", result.notes},
           {"warnings", warnings},
           {"held", result.held},
           {"waiting", result.waiting},
           {"paired", result.counts.paired},
           {"mailboxes", result.counts.mailboxes},
           {"seconds", result.seconds},
           {"octets_sent", result.traffic.sent},
           {"octets_received", result.traffic.received}};
  for (const bool here : {true, false})
    for (const auto& [name, number] : result.counts.named(here)) out[here ? "here" : "there"][name] = number;
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
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

// Of those that were asked for, on neither side.
std::vector<std::string> unknown(const std::vector<std::string>& asked, const PassResult& result, Journal& journal) {
  std::vector<std::string> out;
  const auto known = journal.mailboxes();
  for (const auto& name : asked)
    if (std::ranges::none_of(known, [&](const auto& one) { return one.path.shown() == name; }) &&
        std::ranges::none_of(result.problems, [&](const auto& one) { return one.starts_with(name + ':'); }))
      out.push_back("there is no mailbox " + name + " on either side");
  return out;
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
  account.try_all_held(true);
  std::vector<std::string> warnings;
  if (const auto exposed = exposed_password(account.config()); !exposed.empty()) warnings.push_back(exposed);
  if (!asked.json)
    for (const auto& warning : warnings) output.complain(warning);
  const auto executor = co_await asio::this_coro::executor;
  PassResult result;
  {
    const ShownProgress shown(executor, account, output);
    result = co_await account.run_pass({}, asked.consent);
  }
  std::vector<std::string> strangers;
  if (!result.end)
    strangers = co_await account.workers().run([&] { return unknown(asked.mailboxes, result, account.journal()); });
  if (asked.json) {
    warnings.insert(warnings.end(), strangers.begin(), strangers.end());
    output.say(json_of(account, result, warnings));
  } else {
    tell(result, output);
    for (const auto& stranger : strangers) output.complain(stranger);
  }
  co_return strangers.empty() ? result.exit_code() : std::max(1, result.exit_code());
}

}  // namespace mirror
