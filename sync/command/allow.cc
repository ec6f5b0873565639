// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern allow [ACCOUNT] [MAILBOX...]: what is held is removed by the next pass. postern restore: what is missing is
// copied back by it instead. Neither touches a message itself.
#include <algorithm>

#include "sync/command/held_removals.h"

namespace mirror {

namespace {

// The account's name, with or without the ".db" that a host's state has.
bool is_name_of(const Account& account, const std::string& word) {
  const auto& name = account.config().database;
  return word == name || word + ".db" == name;
}

std::string counted(const LossesOfMailbox& one) {
  std::uint64_t here = 0;
  for (const auto& [key, absence] : one.absences) here += key.first == Side::Local ? 1 : 0;
  const auto there = one.absences.size() - here;
  std::string out = one.record.path.shown() + ": ";
  if (here > 0) out += message_count(here) + " missing here";
  if (there > 0) out += (here > 0 ? ", " : "") + message_count(there) + " missing on the server";
  return out;
}

}  // namespace

asio::awaitable<std::optional<std::vector<LossesOfMailbox>>> find_losses(Account& account,
                                                                         std::vector<std::string> words,
                                                                         CommandOutput& output) {
  auto& journal = account.journal();
  const auto records = co_await account.workers().run([&] { return journal.mailboxes(); });
  auto absences = co_await account.workers().run([&] { return journal.all_absences(); });
  const auto is_mailbox = [&](const std::string& word) {
    return std::ranges::any_of(records, [&](const auto& record) { return record.path.shown() == word; });
  };
  if (!words.empty() && is_name_of(account, words.front()) && !is_mailbox(words.front())) words.erase(words.begin());
  for (const auto& word : words)
    if (!is_mailbox(word)) {
      output.complain("nothing is known of a mailbox " + word + "; nothing was done");
      co_return std::nullopt;
    }
  std::vector<LossesOfMailbox> out;
  for (const auto& record : records) {
    if (!words.empty() && std::ranges::find(words, record.path.shown()) == words.end()) continue;
    if (auto& lost = absences[record.number]; !lost.empty()) out.push_back({record, std::move(lost)});
  }
  if (out.empty()) output.say("nothing is held");
  co_return out;
}

asio::awaitable<int> allow_command(Account& account, const std::vector<std::string>& words, CommandOutput& output) {
  const auto found = co_await find_losses(account, words, output);
  if (!found) co_return 1;
  auto& journal = account.journal();
  for (const auto& one : *found) {
    store::StateBatch batch;
    for (const auto& [key, absence] : one.absences)
      journal.put_absence(batch, one.record.number, key.first, key.second, {Absence::Kind::Allowed, absence.since});
    co_await account.workers().run([&] { journal.commit(batch, true); });
    output.say(counted(one) + "; the next pass removes them on the other side too");
  }
  co_return 0;
}

// Without its pair a message is new to the next pass, which lists both sides whole.
asio::awaitable<int> restore_command(Account& account, const std::vector<std::string>& words, CommandOutput& output) {
  const auto found = co_await find_losses(account, words, output);
  if (!found) co_return 1;
  auto& journal = account.journal();
  for (const auto& one : *found) {
    const auto pairs = co_await account.workers().run([&] { return journal.pairs(one.record.number); });
    store::StateBatch batch;
    for (const auto& [key, absence] : one.absences) {
      if (const auto* pair = pairs.find(key.first, key.second))
        journal.erase_pair(batch, one.record.number, pair->remote);
      journal.erase_absence(batch, one.record.number, key.first, key.second);
    }
    auto record = one.record;
    record.local.modseq = record.remote.modseq = imap::ModSeq(0);
    journal.put_mailbox(batch, record);
    co_await account.workers().run([&] { journal.commit(batch, true); });
    output.say(counted(one) + "; the next pass copies them back");
  }
  co_return 0;
}

}  // namespace mirror
