// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What an account is about: whose mail, which mailboxes, what may be removed of it.
#include <algorithm>

#include "proto/base/clock.h"
#include "sync/account/account.h"
#include "sync/account/prefix_notes.h"
#include "sync/account/take_over.h"
#include "sync/interimap/interimap_database.h"
#include "sync/other_prefixes.h"
#include "sync/switch/local_mail.h"

namespace mirror {

// UIDs and UIDVALIDITY mean nothing in another account, which may have the same ones for other messages.
base::Result<void> Account::claim_state() {
  for (const auto* side : {&config_.local, &config_.remote}) {
    const bool named = side == &config_.remote && !config_.identity.empty();
    const auto now = named ? config_.identity : side->identity();
    const auto note = "identity-of-" + side->section;
    const auto before = journal_->note(note);
    if (before == now) continue;
    if (!before.empty())
      return base::refuse(
          base::Reason::Configuration,
          "the state \"" + config_.database + "\" is that of another account (" + before + "; [" + side->section +
              "] is now " + (now.empty() ? "the built-in store" : now) +
              "); nothing was touched. For another account write `database = NAME` with a new name at the top of " +
              config_.file.string() +
              ". Where it is the same account under a new address, write "
              "`identity = " +
              before + "` there");
    journal_->put_note(note, now);
  }
  for (const auto* side : {&config_.local, &config_.remote})
    if (auto ours = claim_prefix(*side); !ours) return ours;
  if (store_ != nullptr && !config_.local.list_reference.empty())
    put_prefix_note(*store_, {config_.database, config_.local.list_reference, config_.name});
  others_ = others_prefixes();
  return {};
}

asio::awaitable<std::vector<std::string>> Account::take_over_interimap() {
  const auto database = interimap_database_file(config_.database);
  if (!wants_take_over(database, *journal_)) co_return std::vector<std::string>();
  const auto local = make_local(&traffic_), remote = make_remote(&traffic_);
  const auto is_ours = [this](const MailboxPath& path) { return filter_.matches(path) && !is_of_another(path); };
  auto told = co_await take_over({database, *journal_, workers_, log_, is_ours}, *local, *remote);
  co_await remote->finish();
  co_await local->finish();
  co_return told;
}

// Under another prefix all that is known would seem to be missing.
base::Result<void> Account::claim_prefix(const ServerConfig& side) {
  const auto note = "prefix-of-" + side.section, now = "=" + side.list_reference, before = journal_->note(note);
  if (before == now) return {};
  if (!before.empty() && !journal_->mailboxes().empty())
    return base::refuse(base::Reason::Configuration,
                        "list-reference of [" + side.section + "] was \"" + before.substr(1) + "\" and is \"" +
                            side.list_reference + "\" now (" + config_.file.string() +
                            "); nothing was touched. Write the old one again, or a new `database = NAME` at the top: " +
                            "then all is compared anew, and nothing is deleted");
  journal_->put_note(note, now);
  return {};
}

std::string Account::prefix_on(Side side) const {
  const auto& config = config_of(side);
  return config.list_reference.empty() ? journal_->note("namespace-of-" + config.section) : config.list_reference;
}

std::vector<std::string> Account::others_prefixes() const {
  auto out = config_.others_prefixes;
  if (store_ == nullptr) return out;
  for (const auto& note : prefix_notes(*store_))
    if (note.database != config_.database) out.push_back(note.prefix);
  return out;
}

// Where nothing was agreed yet: what lies below the store may be the stores of several accounts, and would go to this
// one's server.
void Account::refuse_several_accounts() {
  if (store_ == nullptr || config_.merge_different || !config_.local.list_reference.empty() ||
      !Directions::is_first(*journal_))
    return;
  auto found = accounts_below(store_->root());
  const auto delimiter = store_names().delimiter;
  std::erase_if(found, [&](const auto& one) {
    const auto name = one.lexically_relative(store_->root()).string() + delimiter;
    return std::ranges::any_of(others_, [&](const auto& prefix) { return name.starts_with(prefix); });
  });
  if (found.empty()) return;
  std::string names;
  for (const auto& one : found) names += (names.empty() ? "" : ", ") + one.string();
  throw Failure(
      base::Reason::Configuration,
      store_->root().string() + " holds the mail of " +
          (found.size() == 1 ? "an account in a directory of its own (" : "several accounts, each a store (") + names +
          "): all of it would go to " + config_.remote.shown() +
          " as this account's. Nothing was touched. Write `path = " + found.front().string() +
          "` for this account, and give each other one a configuration (`postern init` proposes them); "
          "where it is all this account's, write `merge-different = YES` at the top of " +
          config_.file.string());
}

bool Account::is_of_another(const MailboxPath& path) const {
  const auto& own = config_.local.list_reference;
  if (store_ == nullptr) return mirror::is_of_another(path, own, others_);
  const auto name = path.to_name(store_names().delimiter, own);
  return name && mirror::is_of_another(*name, store_names().delimiter, own, others_);
}

bool Account::matches(const MailboxPath& path) const {
  if (is_of_another(path)) return false;
  return limited_to_.empty() ? filter_.matches(path)
                             : std::ranges::find(limited_to_, path.shown()) != limited_to_.end();
}

void Account::limit_to(std::vector<std::string> mailboxes) {
  if (limited_to_ == mailboxes) return;
  limited_to_ = std::move(mailboxes);
  close_connections();  // the server was asked for what matches the patterns
}

std::function<base::Result<void>(const MailboxPath&, const FetchedMessage&)> Account::keeper() {
  if (store_ == nullptr) return {};
  return [this](const MailboxPath& path, const FetchedMessage& message) -> base::Result<void> {
    const auto name = path.to_name(store_names().delimiter, config_.local.list_reference);
    if (!name) return {};
    return store_->keep(*name, {message.data, message.flags, message.internal_date}, "pass");
  };
}

// Whoever has the files of the built-in store may lose them; a server's messages do not get lost one by one.
RemovalRules Account::removal_rules() const {
  RemovalRules out;
  out.now = base::unix_now();
  out.mailboxes = config_.delete_mailboxes;
  out.local.fuse = config_.fuse_there;
  out.remote.fuse = config_.fuse_here;
  if (store_ != nullptr) {
    out.local.wait = config_.missing_wait.count();
    out.local.holds_emptied = true;
  }
  return out;
}

}  // namespace mirror
