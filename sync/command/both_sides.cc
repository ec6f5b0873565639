// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/command/both_sides.h"

#include <set>

namespace mirror {

const ReplicaEntry* BothSides::One::find(const MailboxPath& path) const {
  const auto at = mailboxes.find(path);
  return at == mailboxes.end() || !at->second.exists ? nullptr : &at->second;
}

asio::awaitable<BothSides> BothSides::look(Account& account) {
  if (auto ours = account.claim_state(); !ours) throw Failure(ours.error().reason, ours.error().text);
  account.close_connections();
  BothSides out;
  out.local.replica = account.make_local(nullptr);
  out.remote.replica = account.make_remote(nullptr);
  for (auto* side : {&out.local, &out.remote}) {
    auto listed = co_await side->replica->list();
    for (auto& entry : listed)
      if (account.matches(entry.path)) side->mailboxes.emplace(entry.path, std::move(entry));
  }
  const auto records = co_await account.workers().run([&] { return account.journal().mailboxes(); });
  for (const auto& record : records)
    if (account.matches(record.path)) out.records.emplace(record.path, record);
  co_return out;
}

std::optional<MailboxPath> BothSides::path_of(const std::string& name) {
  if (name.find("//") != std::string::npos || name.starts_with('/')) return std::nullopt;
  return MailboxPath::from_name(imap::MailboxName(name, '/'), '/', "");
}

base::Result<MailboxPath> BothSides::named(const std::string& name) const {
  const auto wanted = imap::MailboxName(name, '/').utf8();
  std::set<MailboxPath> found;
  for (const auto* side : {&local, &remote})
    for (const auto& [path, entry] : side->mailboxes)
      if (path.shown() == wanted) found.insert(path);
  for (const auto& [path, record] : records)
    if (path.shown() == wanted) found.insert(path);
  if (found.size() == 1) return *found.begin();
  if (found.empty())
    return base::refuse(base::Reason::NoSuchMailbox,
                        "there is no mailbox " + name + " that is synchronised; nothing was done to it");
  return base::refuse(base::Reason::InvalidName,
                      "two mailboxes are shown as " + name + "; nothing was done, rename one of them first");
}

Targets Targets::take(std::vector<std::string>& words) {
  Targets out, named{false, false, false, true};
  std::erase_if(words, [&](const std::string& word) {
    if (word == "--target=local") return named.local = true;
    if (word == "--target=remote") return named.remote = true;
    if (word == "--target=database") return named.state = true;
    return false;
  });
  return named.local || named.remote || named.state ? named : out;
}

asio::awaitable<void> BothSides::finish() {
  co_await remote.replica->finish();
  co_await local.replica->finish();
}

}  // namespace mirror
