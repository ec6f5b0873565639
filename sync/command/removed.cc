// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern removed: the messages that were removed and are kept for a while. postern undo WHICH...: puts them back here;
// the next pass sends them to the server again. WHICH: a pass (20261126T165500Z), a Message-ID, a mailbox, or
// --since TIME.
#include <sysexits.h>

#include <algorithm>
#include <charconv>
#include <ctime>

#include <nlohmann/json.hpp>

#include "proto/base/clock.h"
#include "proto/mail/message_id.h"
#include "sync/command/command.h"
#include "sync/command/message_story.h"
#include "sync/command/shown_time.h"

namespace mirror {

namespace {

using Json = nlohmann::ordered_json;

// "2h", "30m", "3d", Unix seconds, or a local time "2026-11-26", "2026-11-26 16:55".
std::optional<std::int64_t> time_of(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (error == std::errc() && rest.empty()) return number;
  if (error == std::errc() && rest.size() == 1)
    for (const auto& [unit, seconds] : {std::pair('m', 60), {'h', 3600}, {'d', 86'400}})
      if (rest.front() == unit) return base::unix_now() - number * seconds;
  for (const char* format : {"%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d"}) {
    std::tm parts{};
    parts.tm_isdst = -1;
    const char* after = ::strptime(text.c_str(), format, &parts);
    if (after != nullptr && *after == 0) return std::mktime(&parts);
  }
  return std::nullopt;
}

std::string as_json(const std::vector<store::RemovedMessage>& all) {
  auto out = Json::array();
  for (const auto& one : all)
    out.push_back({{"id", one.id},
                   {"mailbox", one.mailbox.utf8()},
                   {"removed", one.when},
                   {"by", one.by},
                   {"flags", one.flags.to_string()},
                   {"internaldate", one.internal_date},
                   {"octets", one.octets}});
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

struct Choice {
  std::vector<std::string> words;
  std::optional<std::int64_t> since;

  bool takes(const store::RemovedMessage& one, store::MailStore& mail_store) const {
    if (since && one.when >= *since) return true;
    for (const auto& word : words)
      if (one.by == "pass " + word || one.mailbox == imap::MailboxName(word, mail_store.delimiter()) || one.id == word)
        return true;
    return false;
  }
};

// By their Message-IDs: the files are read.
std::vector<store::RemovedMessage> with_message_ids(const std::vector<store::RemovedMessage>& all,
                                                    const std::vector<std::string>& words,
                                                    store::MailStore& mail_store) {
  std::vector<store::RemovedMessage> out;
  for (const auto& one : all) {
    const auto text = mail_store.removed_text(one);
    if (!text) continue;
    const auto id = bare_message_id(mail::message_id_of(mail::header_of(*text)));
    if (std::ranges::any_of(words, [&](const auto& word) { return !id.empty() && bare_message_id(word) == id; }))
      out.push_back(one);
  }
  return out;
}

}  // namespace

asio::awaitable<int> removed_command(Account& account, const std::vector<std::string>& words, CommandOutput& output) {
  if (account.mail_store() == nullptr) {
    output.complain("between two servers nothing is kept");
    co_return EX_UNAVAILABLE;
  }
  const auto all = co_await account.workers().run([&] { return account.mail_store()->removed(); });
  if (wants_json(words)) {
    output.say(as_json(all));
    co_return 0;
  }
  for (const auto& one : all)
    output.say(shown_time(one.when, "%Y-%m-%d %H:%M") + "  " + one.mailbox.utf8() + "  " + std::to_string(one.octets) +
               " octets, by " + one.by + "  " + one.id);
  output.say(message_count(all.size()) + (all.size() == 1 ? " is kept" : " are kept"));
  co_return 0;
}

asio::awaitable<int> undo_command(Account& account, const std::vector<std::string>& words, CommandOutput& output) {
  if (account.mail_store() == nullptr) {
    output.complain("between two servers nothing is kept");
    co_return EX_UNAVAILABLE;
  }
  Choice choice;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] != "--since") {
      choice.words.push_back(words[i]);
      continue;
    }
    choice.since = i + 1 < words.size() ? time_of(words[++i]) : std::nullopt;
    if (!choice.since) {
      output.complain("--since wants a time, such as 2h or 2026-11-26 16:55");
      co_return EX_USAGE;
    }
  }
  if (choice.words.empty() && !choice.since) {
    output.complain("undo wants a pass, a Message-ID, a mailbox or --since TIME; postern removed lists what there is");
    co_return EX_USAGE;
  }
  auto& mail_store = *account.mail_store();
  const auto chosen = co_await account.workers().run([&] {
    const auto all = mail_store.removed();
    std::vector<store::RemovedMessage> out;
    for (const auto& one : all)
      if (choice.takes(one, mail_store)) out.push_back(one);
    return out.empty() && !choice.words.empty() ? with_message_ids(all, choice.words, mail_store) : out;
  });
  if (chosen.empty()) {
    output.complain("nothing that is kept is meant by that; postern removed lists what there is");
    co_return 1;
  }
  const auto done = co_await account.workers().run([&] { return mail_store.bring_back(chosen); });
  if (!done) {
    output.complain("not all could be put back: " + done.error().text + "; what is left is still kept");
    co_return exit_code_of(done.error().reason);
  }
  output.say(message_count(*done) + " put back; the next pass sends what the server does not have");
  co_return 0;
}

}  // namespace mirror
