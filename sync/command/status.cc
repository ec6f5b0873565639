// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern status: what the last pass did that did something, failed or worked again, and what it left. postern list:
// the mailboxes, and where each stands. Neither asks a server.
#include <algorithm>
#include <cstdlib>
#include <ctime>

#include <nlohmann/json.hpp>

#include "proto/base/clock.h"
#include "proto/base/lines.h"
#include "sync/account/prefix_notes.h"
#include "sync/account/verify.h"
#include "sync/command/command.h"

namespace mirror {

namespace {

using Json = nlohmann::ordered_json;

struct LastNews {
  bool any = false, good = false;
  std::int64_t when = 0;
  std::string summary;
  std::vector<std::string> problems;
};

LastNews last_news(Journal& journal) {
  const auto note = journal.note("last");
  LastNews out;
  std::string_view rest = note;
  const auto when = base::take_line(rest);
  if (note.empty() || !when) return out;
  out.any = true;
  out.when = std::strtoll(std::string(*when).c_str(), nullptr, 10);
  out.summary = base::take_line(rest).value_or("");
  while (const auto line = base::take_line(rest)) out.problems.emplace_back(*line);
  out.good = out.summary.starts_with(kInSync) && out.problems.empty();
  return out;
}

// Accounts whose configuration is gone, where this account has what is nobody's.
std::vector<PrefixNote> removed_accounts(Account& account) {
  std::vector<PrefixNote> out;
  const auto& config = account.config();
  if (account.mail_store() == nullptr || !config.local.list_reference.empty()) return out;
  for (auto& note : prefix_notes(*account.mail_store()))
    if (note.database != config.database &&
        std::ranges::find(config.others_prefixes, note.prefix) == config.others_prefixes.end())
      out.push_back(std::move(note));
  return out;
}

struct Known {
  LastNews news;
  LastVerified verified;
  std::vector<MailboxRecord> mailboxes;
  std::map<std::uint32_t, Absences> absences;
  std::vector<PrefixNote> removed;
};

asio::awaitable<Known> look(Account& account) {
  co_return co_await account.workers().run([&] {
    auto& journal = account.journal();
    Known out{last_news(journal), last_verified(journal), journal.mailboxes(), journal.all_absences(),
              removed_accounts(account)};
    std::ranges::sort(out.mailboxes, {}, &MailboxRecord::path);
    return out;
  });
}

std::uint64_t held_in(const Known& known, std::uint32_t mailbox) {
  const auto at = known.absences.find(mailbox);
  if (at == known.absences.end()) return 0;
  return static_cast<std::uint64_t>(
      std::ranges::count_if(at->second, [](const auto& one) { return one.second.kind == Absence::Kind::Held; }));
}

std::string local_name(const Account& account, const MailboxPath& path) {
  const auto& prefix = account.config().local.list_reference;
  return path.is_inbox() && is_below_inbox(prefix) ? path.shown() : prefix + path.shown();
}

bool is_good(const Known& known) { return (!known.news.any || known.news.good) && known.verified.differences == 0; }

std::string json_of(Account& account, const Known& known) {
  const auto& config = account.config();
  Json out{{"account", config.name},
           {"state", config.database},
           {"server", config.remote.shown()},
           {"username", config.remote.username},
           {"prefix", config.local.list_reference},
           {"good", is_good(known)},
           {"last", nullptr}};
  if (known.news.any)
    out["last"] = {{"time", known.news.when}, {"summary", known.news.summary}, {"problems", known.news.problems}};
  if (known.verified.when != 0)
    out["verified"] = {{"time", known.verified.when},
                       {"mailboxes", known.verified.mailboxes},
                       {"differences", known.verified.differences},
                       {"left", known.verified.left}};
  out["mailboxes"] = Json::array();
  for (const auto& one : known.mailboxes)
    out["mailboxes"].push_back({{"name", one.path.shown()},
                                {"here", local_name(account, one.path)},
                                {"messages", one.local.messages},
                                {"uidnext_here", one.local.uid_next.value},
                                {"uidnext_there", one.remote.uid_next.value},
                                {"subscribed", one.subscribed},
                                {"held", held_in(known, one.number)}});
  for (const auto& note : known.removed)
    out["removed_accounts"].push_back({{"account", note.name}, {"prefix", note.prefix}});
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string shown_time(std::int64_t seconds) {
  const std::time_t when = seconds;
  char time[64] = "";
  if (const auto* local = std::localtime(&when)) std::strftime(time, sizeof time, "%Y-%m-%d %H:%M:%S", local);
  return time;
}

// "3 hours ago"
std::string ago(std::int64_t seconds) {
  for (const auto& [unit, length] : {std::pair("day", 86'400), {"hour", 3600}, {"minute", 60}})
    if (seconds >= length)
      return std::to_string(seconds / length) + " " + unit + (seconds >= 2 * length ? "s" : "") + " ago";
  return "just now";
}

std::string verified_text(const LastVerified& verified) {
  auto out = "verified " + ago(base::unix_now() - verified.when) + ": " + std::to_string(verified.mailboxes) +
             " mailboxes, " + std::to_string(verified.differences) + " differences";
  if (verified.left > 0) out += ", " + std::to_string(verified.left) + " texts not compared yet";
  return verified.differences > 0 ? out + " (postern verify tells them)" : out;
}

}  // namespace

asio::awaitable<int> status_command(Account& account, const std::vector<std::string>& words, CommandOutput& output) {
  const auto known = co_await look(account);
  const auto& name = account.config().name;
  for (const auto& note : known.removed)
    if (!wants_json(words))
      output.say(note.name + " is not in the configuration any more: its mail below " + note.prefix +
                 " stays here and is sent nowhere; `postern forget " + note.name + "` gives it to " + name);
  if (wants_json(words)) {
    output.say(json_of(account, known));
    co_return is_good(known) ? 0 : 1;
  }
  if (!known.news.any) {
    output.say(name + ": no pass yet");
    co_return 0;
  }
  output.say(name + ": last news " + shown_time(known.news.when));
  output.say(known.news.summary);
  for (const auto& problem : known.news.problems) output.say(problem);
  std::uint64_t messages = 0;
  for (const auto& one : known.mailboxes) messages += one.local.messages;
  output.say(std::to_string(known.mailboxes.size()) + " mailboxes, " + std::to_string(messages) + " messages");
  if (known.verified.when != 0) output.say(verified_text(known.verified));
  co_return is_good(known) ? 0 : 1;
}

asio::awaitable<int> list_command(Account& account, const std::vector<std::string>& words, CommandOutput& output) {
  const auto known = co_await look(account);
  if (wants_json(words)) {
    output.say(json_of(account, known));
    co_return 0;
  }
  const auto& config = account.config();
  output.say(config.name + ": " + config.remote.shown() +
             (known.news.any ? ", " + known.news.summary : ", no pass yet"));
  for (const auto& one : known.mailboxes) {
    const auto held = held_in(known, one.number);
    output.say("  " + local_name(account, one.path) + ": " + message_count(one.local.messages) +
               (held > 0 ? ", " + std::to_string(held) + " removals held" : ""));
  }
  co_return 0;
}

}  // namespace mirror
