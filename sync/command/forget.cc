// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern forget ACCOUNT: of an account whose configuration is gone: the mail below its prefix is nobody's any more, so
// that the account without a prefix takes it over. No message is touched here.
#include <sysexits.h>

#include <algorithm>

#include "sync/account/prefix_notes.h"
#include "sync/command/command.h"

namespace mirror {

asio::awaitable<int> forget_command(Account& account, const std::vector<std::string>& words, CommandOutput& output) {
  if (words.size() != 1 || account.mail_store() == nullptr) {
    output.complain("forget wants the name of one account that was removed from the configuration");
    co_return EX_USAGE;
  }
  auto& mail_store = *account.mail_store();
  const auto& config = account.config();
  const auto notes = co_await account.workers().run([&] { return prefix_notes(mail_store); });
  const auto at = std::ranges::find_if(
      notes, [&](const auto& note) { return note.name == words.front() || note.database == words.front(); });
  if (at == notes.end()) {
    output.complain("no account " + words.front() + " has had mail below a prefix of its own here");
    co_return 1;
  }
  if (at->database == config.database ||
      std::ranges::find(config.others_prefixes, at->prefix) != config.others_prefixes.end()) {
    output.complain(at->name + " is in the configuration; remove it there first. Nothing was done");
    co_return 1;
  }
  co_await account.workers().run([&] { forget_prefix_note(mail_store, at->database); });
  output.say(at->name + " is forgotten: what is below " + at->prefix +
             " belongs to the account without a prefix now, whose next pass sends it to its server");
  co_return 0;
}

}  // namespace mirror
