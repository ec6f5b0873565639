// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern rename OLD NEW: renames a mailbox and what is below it on each side that still has it under its old name, and
// moves the state: nothing is copied again. The state comes last: cut off anywhere, the same command goes on.
#include <sysexits.h>

#include <algorithm>
#include <optional>

#include "sync/command/both_sides.h"
#include "sync/command/command.h"

namespace mirror {

namespace {

bool is_at_or_below(const MailboxPath& path, const MailboxPath& above) { return path == above || path.is_below(above); }

class Renaming {
 public:
  Renaming(Account& account, BothSides& sides, std::pair<MailboxPath, MailboxPath> names, Targets targets)
      : account_(account),
        sides_(sides),
        from_(std::move(names.first)),
        to_(std::move(names.second)),
        targets_(targets) {
    if (targets.remote) meant_.push_back(&sides.remote);
    if (targets.local) meant_.push_back(&sides.local);
  }

  // Why it cannot be done; nothing has been changed then.
  std::optional<std::string> trouble() const {
    if (from_.is_inbox() || to_.is_inbox()) return "INBOX cannot be renamed, and nothing can be renamed to it";
    if (account_.is_of_another(to_)) return "the mailboxes at or below " + to_.shown() + " are another account's";
    if (is_at_or_below(to_, from_)) return to_.shown() + " is " + from_.shown() + " or lies below it";
    for (const auto& [path, record] : sides_.records)
      if (targets_.state && is_at_or_below(path, to_) && (sides_.remote.find(path) || sides_.local.find(path)))
        return path.shown() + " is there already, and synchronised";
    bool is_somewhere = false;
    for (const auto* side : meant_) {
      const bool old_one = has_old(*side);
      const auto* new_one = side->find(to_);
      const auto& where = side->replica->description();
      is_somewhere = is_somewhere || old_one || new_one;
      if (old_one && has(*side, to_))
        return from_.shown() + " and " + to_.shown() + " are both on " + where +
               ": move the messages of one into the other first, or choose another name";
      if (new_one && !is_the_old_one(*side, *new_one))
        return to_.shown() + " on " + where + " is another mailbox than " + from_.shown() + " was";
    }
    if (!is_somewhere && !meant_.empty()) return "neither side has " + from_.shown() + " or " + to_.shown();
    return std::nullopt;
  }

  // False: it was said why.
  asio::awaitable<bool> run(CommandOutput& output) {
    std::string where;
    for (auto* side : meant_) {
      if (!has_old(*side)) continue;
      const auto done = co_await side->replica->rename(from_, to_);
      if (!done) {
        output.complain(from_.shown() + ": cannot be renamed on " + side->replica->description() + ": " +
                        done.error().text + (where.empty() ? "; nothing was done to it" : ""));
        co_return false;
      }
      where += (where.empty() ? " on " : " and on ") + side->replica->description();
      co_await move_subscriptions(*side);
    }
    if (targets_.state) co_await account_.workers().run([this] { move_state(); });
    output.say(from_.shown() + (where.empty() ? ": its state is that of " + to_.shown() + " now"
                                              : ": renamed to " + to_.shown() + where));
    co_return true;
  }

 private:
  // A name that is no mailbox on either side, and only above others, is renamed with them.
  bool has_old(const BothSides::One& side) const {
    const bool is_mailbox = sides_.remote.find(from_) != nullptr || sides_.local.find(from_) != nullptr;
    return is_mailbox ? side.find(from_) != nullptr : has(side, from_);
  }

  // A mailbox of that name, or one below it.
  static bool has(const BothSides::One& side, const MailboxPath& name) {
    return std::ranges::any_of(side.mailboxes,
                               [&](const auto& one) { return one.second.exists && is_at_or_below(one.first, name); });
  }

  // Whether the state of the old name holds for this one: a server keeps UIDVALIDITY and UIDs.
  bool is_the_old_one(const BothSides::One& side, const ReplicaEntry& entry) const {
    const auto at = sides_.records.find(from_);
    if (at == sides_.records.end() || sides_.records.contains(to_) || !entry.state) return false;
    const auto& known = &side == &sides_.local ? at->second.local : at->second.remote;
    const auto alike = std::ranges::count_if(side.mailboxes, [&](const auto& one) {
      return one.second.state && one.second.state->uid_validity == known.uid_validity;
    });
    return alike == 1 && entry.state->uid_validity == known.uid_validity && !(entry.state->uid_next < known.uid_next);
  }

  MailboxPath moved(const MailboxPath& path) const {
    return MailboxPath(to_.text() + path.text().substr(from_.text().size()));
  }

  // Not all servers take them along.
  asio::awaitable<void> move_subscriptions(BothSides::One& side) {
    for (const auto& [path, entry] : side.mailboxes) {
      if (!entry.subscribed || !is_at_or_below(path, from_)) continue;
      co_await side.replica->set_subscribed(moved(path), true);
      co_await side.replica->set_subscribed(path, false);
    }
  }

  void move_state() {
    auto& journal = account_.journal();
    for (const auto& [path, record] : sides_.records)
      if (is_at_or_below(path, to_)) journal.forget_mailbox(record.number);  // of one that is on neither side
    store::StateBatch batch;
    for (auto [path, record] : sides_.records) {
      if (!is_at_or_below(path, from_)) continue;
      record.path = moved(path);
      journal.put_mailbox(batch, record);
    }
    if (!batch.writes.empty()) journal.commit(batch, true);
  }

  Account& account_;
  BothSides& sides_;
  MailboxPath from_, to_;
  Targets targets_;
  std::vector<BothSides::One*> meant_;  // sides
};

}  // namespace

asio::awaitable<int> rename_command(Account& account, const std::vector<std::string>& words, CommandOutput& output) {
  auto arguments = words;
  const auto targets = Targets::take(arguments);
  if (arguments.size() != 2 || arguments[0].empty() || arguments[1].empty()) {
    output.complain("rename wants the old name of a mailbox and the new one");
    co_return EX_USAGE;
  }
  auto sides = co_await BothSides::look(account);
  const auto from = sides.named(arguments[0]);
  if (!from) {
    const bool none = targets.are_named && from.error().reason == base::Reason::NoSuchMailbox;
    if (none)
      output.say(from.error().text);
    else
      output.complain(from.error().text);
    co_return none ? 0 : 1;
  }
  const auto known = sides.named(arguments[1]);
  const auto to = known ? std::optional(*known) : BothSides::path_of(arguments[1]);
  if (!to) {
    output.complain("no mailbox can be called " + arguments[1]);
    co_return 1;
  }
  Renaming renaming(account, sides, {*from, *to}, targets);
  if (const auto trouble = renaming.trouble()) {
    output.complain(*trouble + "; nothing was done");
    co_return 1;
  }
  const bool done = co_await renaming.run(output);
  co_await sides.finish();
  co_return done ? 0 : 1;
}

}  // namespace mirror
