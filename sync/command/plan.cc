// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern plan [--json], postern sync --dry-run: what a pass would do.
#include <sysexits.h>

#include <algorithm>
#include <string>

#include <nlohmann/json.hpp>

#include "sync/command/shown_plan.h"

namespace mirror {

namespace {

std::string octets_text(std::uint64_t octets) {
  if (octets < 10'000) return std::to_string(octets) + " B";
  if (octets < 10'000'000) return std::to_string(octets / 1000) + " kB";
  return std::to_string(octets / 1'000'000) + " MB";
}

std::string side_text(const MailboxPlan::OfSide& side, const char* verb, const char* where) {
  std::string out;
  const auto add = [&](const std::string& text) { out += (out.empty() ? "" : ", ") + text; };
  if (side.is_made) add(std::string("is made ") + where);
  if (side.is_deleted) add(std::string("is deleted ") + where);
  if (!side.renamed_to.empty()) add("is renamed to " + side.renamed_to + ' ' + where);
  if (side.messages > 0) add(message_count(side.messages) + " (" + octets_text(side.octets) + ") to " + verb);
  if (side.moves > 0) add(message_count(side.moves) + " to move " + where);
  if (side.copies > 0) add(message_count(side.copies) + " to copy " + where);
  if (side.removals > 0) add(message_count(side.removals) + " to remove " + where);
  if (side.flags > 0) add(std::to_string(side.flags) + (side.flags == 1 ? " flag change " : " flag changes ") + where);
  return out;
}

std::string line_of(const MailboxPlan& plan) {
  auto out = side_text(plan.local, "fetch", "here");
  const auto add = [&](const std::string& text) {
    if (!text.empty()) out += (out.empty() ? "" : ", ") + text;
  };
  add(side_text(plan.remote, "send", "there"));
  if (plan.paired > 0) add(message_count(plan.paired) + " found on both sides");
  if (plan.held > 0) add(std::to_string(plan.held) + (plan.held == 1 ? " removal held" : " removals held"));
  if (plan.waiting > 0) add(std::to_string(plan.waiting) + (plan.waiting == 1 ? " removal waits" : " removals wait"));
  return plan.path.shown() + ": " + out;
}

using Json = nlohmann::ordered_json;

Json json_of(const MailboxPlan::OfSide& side) {
  return {{"messages", side.messages},
          {"octets", side.octets},
          {"move", side.moves},
          {"copy", side.copies},
          {"remove", side.removals},
          {"flags", side.flags},
          {"make", side.is_made},
          {"delete", side.is_deleted},
          {"rename", side.renamed_to.empty() ? Json() : Json(side.renamed_to)}};
}

Json json_of(const PassPlan& plan) {
  auto mailboxes = Json::array();
  for (const auto& one : plan.mailboxes)
    mailboxes.push_back({{"mailbox", one.path.shown()},
                         {"here", json_of(one.local)},
                         {"there", json_of(one.remote)},
                         {"paired", one.paired},
                         {"held", one.held},
                         {"waiting", one.waiting}});
  return {{"mailboxes", mailboxes}, {"problems", plan.problems}, {"forbidden", plan.notes}};
}

Json with_name(const Account& account, const Json& plan) {
  Json out{{"account", account.config().name}};
  out.update(plan);
  return out;
}

}  // namespace

void show_plan(const PassPlan& plan, CommandOutput& output) {
  MailboxPlan::OfSide here, there;
  for (const auto& one : plan.mailboxes) {
    output.say(line_of(one));
    for (const auto& [sum, part] : {std::pair(&here, &one.local), {&there, &one.remote}}) {
      sum->messages += part->messages;
      sum->octets += part->octets;
      sum->moves += part->moves;
      sum->copies += part->copies;
      sum->removals += part->removals;
      sum->flags += part->flags;
    }
  }
  for (const auto& note : plan.notes) output.say(note + " (mode)");
  for (const auto& problem : plan.problems) output.complain(problem);
  if (plan.mailboxes.empty()) return plan.problems.empty() ? output.say("nothing to do") : void();
  const auto a = side_text(here, "fetch", "here"), b = side_text(there, "send", "there");
  const auto all = a + (a.empty() || b.empty() ? "" : ", ") + b;
  output.say((all.empty() ? "" : "in all: " + all + "; ") + std::string("nothing was changed yet"));
}

asio::awaitable<int> plan_command(Account& account, const std::vector<std::string>& words, CommandOutput& output) {
  const bool json = wants_json(words);
  if (words.size() > (json ? 1u : 0u)) {
    output.complain("plan takes no argument but --json");
    co_return EX_USAGE;
  }
  const auto plan = co_await account.plan();
  if (json)
    output.say(with_name(account, json_of(plan)).dump(-1, ' ', false, Json::error_handler_t::replace));
  else
    show_plan(plan, output);
  co_return plan.problems.empty() ? 0 : 1;
}

}  // namespace mirror
