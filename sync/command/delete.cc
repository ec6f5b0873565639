// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern delete MAILBOX...: deletes these mailboxes on both sides, where they are, and forgets their state. What is
// below them stays. The remote side comes first, the state last: cut off anywhere, the same command goes on.
#include <sysexits.h>

#include "sync/command/both_sides.h"
#include "sync/command/command.h"

namespace mirror {

namespace {

// Says what would go; whether that is mail, as far as is known.
asio::awaitable<bool> tell(Account& account, const BothSides& sides, MailboxPath path, CommandOutput& output) {
  const auto record = sides.records.find(path);
  std::uint64_t paired = 0;
  if (record != sides.records.end())
    paired = co_await account.workers().run([&] { return account.journal().pairs(record->second.number).size(); });
  bool is_mail = false;
  std::string text = path.shown() + ":";
  for (const auto* side : {&sides.remote, &sides.local}) {
    text += side == &sides.remote ? " " : ", ";
    const auto* entry = side->find(path);
    const auto on = " on " + side->replica->description();
    if (entry == nullptr) {
      text += "not" + on;
      continue;
    }
    if (!entry->state) {
      is_mail = true;
      text += "an unknown number of messages" + on;
      continue;
    }
    const std::uint64_t there = entry->state->messages;
    is_mail = is_mail || there > 0;
    text += message_count(there) + on;
    if (there > paired) text += " (" + std::to_string(there - paired) + " of them on this side alone)";
  }
  output.say(text);
  co_return is_mail;
}

struct Removal {
  MailboxPath path;
  Targets targets;
};

asio::awaitable<bool> remove(Account& account, BothSides& sides, Removal removal, CommandOutput& output) {
  const auto& [path, targets] = removal;
  std::string where;
  for (auto* side : {&sides.remote, &sides.local}) {
    if (!(side == &sides.remote ? targets.remote : targets.local)) continue;
    const auto at = side->mailboxes.find(path);
    if (at == side->mailboxes.end() || (!at->second.exists && !at->second.subscribed)) continue;
    if (!at->second.exists) {
      co_await side->replica->set_subscribed(path, false);
      continue;
    }
    const auto done = co_await side->replica->remove(path);
    if (!done) {
      output.complain(path.shown() + ": cannot be deleted on " + side->replica->description() + ": " +
                      done.error().text + (where.empty() ? "; nothing was done to it" : ""));
      co_return false;
    }
    where += (where.empty() ? " on " : " and on ") + side->replica->description();
  }
  const auto record = sides.records.find(path);
  const bool forgets = targets.state && record != sides.records.end();
  if (forgets) co_await account.workers().run([&] { account.journal().forget_mailbox(record->second.number); });
  const std::string nothing = forgets ? ": forgotten" : ": nothing was to be done";
  output.say(path.shown() + (where.empty() ? nothing : ": deleted" + where));
  co_return true;
}

}  // namespace

asio::awaitable<int> delete_command(Account& account, const std::vector<std::string>& words, CommandOutput& output) {
  auto arguments = words;
  const auto targets = Targets::take(arguments);
  if (arguments.size() < 2) {
    output.complain("delete wants the names of mailboxes");
    co_return EX_USAGE;
  }
  const bool only_tells = arguments.front() != kDo;
  auto sides = co_await BothSides::look(account);
  int code = 0;
  bool is_mail = false;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const auto path = sides.named(arguments[i]);
    if (targets.are_named && !path && path.error().reason == base::Reason::NoSuchMailbox) {
      output.say(path.error().text);
    } else if (!path || path->is_inbox()) {
      output.complain(path ? "INBOX cannot be deleted" : path.error().text);
      code = 1;
    } else if (only_tells) {
      const bool holds_mail = co_await tell(account, sides, *path, output);
      is_mail = is_mail || holds_mail;
    } else {
      const bool done = co_await remove(account, sides, {*path, targets}, output);
      if (!done) code = 1;
    }
  }
  co_await sides.finish();
  co_return code == 0 && is_mail ? kWantsConsent : code;
}

}  // namespace mirror
