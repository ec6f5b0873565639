// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/hooks/hook_news.h"

#include <algorithm>
#include <ctime>

#include <nlohmann/json.hpp>

namespace mirror {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMost = 100;  // messages, mailboxes, problems in one call

std::string line_of(const Json& json) { return json.dump(-1, ' ', true, Json::error_handler_t::replace) + '\n'; }

Json begin(const char* event, const HookAccount& account) { return {{"event", event}, {"account", account.name}}; }

std::string name_here(const HookAccount& account, const std::string& mailbox) {
  return mailbox == "INBOX" && is_below_inbox(account.prefix) ? mailbox : account.prefix + mailbox;
}

std::string utc(std::int64_t seconds) {
  const std::time_t when = seconds;
  std::tm parts{};
  char text[64] = "";
  if (::gmtime_r(&when, &parts) != nullptr) std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

Json flags_of(const imap::FlagSet& flags) {
  auto out = Json::array();
  for (const auto& row : imap::kFlagTable)
    if (flags.has(row.flag)) out.push_back(row.name);
  for (const auto& keyword : flags.keywords()) out.push_back(keyword);
  return out;
}

Json json_of(const HookAccount& account, const Problem& one, bool gone) {
  static constexpr const char* kKinds[] = {"stopped", "held", "left-undone"};
  Json out{{"kind", kKinds[static_cast<std::size_t>(one.kind)]}, {"text", one.text}, {"gone", gone}};
  if (one.kind == Problem::Kind::Held) out["mailbox"] = name_here(account, one.mailbox);
  return out;
}

}  // namespace

void NewMail::add(const NewMail& later) {
  count += later.count;
  is_first = is_first && later.is_first;
  for (const auto& one : later.messages)
    if (messages.size() < kMost) messages.push_back(one);
}

void Change::add(const Change& later) {
  auto& a = counts;
  const auto& b = later.counts;
  a.copied_to_local += b.copied_to_local;
  a.copied_to_remote += b.copied_to_remote;
  a.flagged_local += b.flagged_local;
  a.flagged_remote += b.flagged_remote;
  a.expunged_local += b.expunged_local;
  a.expunged_remote += b.expunged_remote;
  a.created_local += b.created_local;
  a.created_remote += b.created_remote;
  a.renamed_local += b.renamed_local;
  a.renamed_remote += b.renamed_remote;
  a.deleted_local += b.deleted_local;
  a.deleted_remote += b.deleted_remote;
  for (const auto& one : later.mailboxes)
    if (mailboxes.size() < kMost) mailboxes.insert(one);
}

void add(ProblemNews& news, const ProblemNews& later) {
  for (const auto& one : later.gone)
    if (std::erase_if(news.appeared, [&](const Problem& other) { return other.is_same(one); }) == 0)
      news.gone.push_back(one);
  for (const auto& one : later.appeared)
    if (std::erase_if(news.gone, [&](const Problem& other) { return other.is_same(one); }) == 0)
      news.appeared.push_back(one);
}

NewMail new_mail_of(PassResult result) {
  NewMail out;
  out.count = result.arrivals.count();
  out.is_first = result.is_first;
  if (!out.is_first) out.messages = result.arrivals.first();
  return out;
}

Change change_of(const PassResult& result) {
  Change out, all;
  all.counts = result.counts;
  all.mailboxes = result.touched;
  out.add(all);
  return out;
}

std::string json_of(const HookAccount& account, const NewMail& news) {
  auto out = begin("new", account);
  out["count"] = news.count;
  out["first"] = news.is_first;
  out["messages"] = Json::array();
  for (const auto& one : news.messages)
    out["messages"].push_back({{"mailbox", name_here(account, one.mailbox)},
                               {"uid", one.uid.value},
                               {"from", one.from},
                               {"subject", one.subject},
                               {"date", utc(one.date)},
                               {"message_id", one.message_id},
                               {"flags", flags_of(one.flags)}});
  return line_of(out);
}

std::string json_of(const HookAccount& account, const Change& news) {
  auto out = begin("change", account);
  for (const bool here : {true, false})
    for (const auto& [name, number] : news.counts.named(here)) out[here ? "here" : "there"][name] = number;
  out["mailboxes"] = Json::array();
  for (const auto& one : news.mailboxes) out["mailboxes"].push_back(name_here(account, one));
  return line_of(out);
}

std::string json_of(const HookAccount& account, const ProblemNews& news) {
  auto out = begin("problem", account);
  out["count"] = news.appeared.size() + news.gone.size();
  auto& problems = out["problems"] = Json::array();
  for (const auto* those : {&news.appeared, &news.gone})
    for (const auto& one : *those)
      if (problems.size() < kMost) problems.push_back(json_of(account, one, those == &news.gone));
  return line_of(out);
}

}  // namespace mirror
