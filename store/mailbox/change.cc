// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mailbox/change.h"

#include <unistd.h>

#include <cerrno>

#include "proto/base/fail_point.h"
#include "store/mailbox/ledger_entries.h"

namespace store {

namespace {
bool is_removed(const std::filesystem::path& path) { return ::unlink(path.c_str()) == 0 || errno == ENOENT; }
}  // namespace

bool Draft::remove_files() const {
  mailbox_.change_mutex.assert_held();
  bool all_gone = true;
  if (announced_)
    for_each_that_comes([&](const Row& row) {
      mailbox_.change_mutex.assert_held();
      all_gone = is_removed(mailbox_.directory() / MessageTable::path_of(row)) && all_gone;
    });
  return all_gone;
}

Change::Change(MailboxState& mailbox, const std::string& by) : core_(mailbox.core) { draft_of(mailbox).story.by = by; }

Draft& Change::draft_of(MailboxState& mailbox) {
  for (auto& draft : drafts_)
    if (&draft->mailbox() == &mailbox) return *draft;
  return *drafts_.emplace_back(std::make_unique<Draft>(mailbox));
}

void Change::prepare() {
  for (const auto& draft : drafts_) draft->prepare();
}

void Change::commit(const AtCommit& at_commit, std::span<const imap::Uid> uids, bool durable) {
  for (const auto& draft : drafts_) draft->write_ahead();
  IndexBatch batch;
  for (const auto& draft : drafts_) draft->write_to(batch);
  if (at_commit) {
    StateBatch state;
    at_commit(uids, state);
    for (const auto& [key, value] : state.writes)
      value ? batch.put(keys::state(key), *value) : batch.erase(keys::state(key));
  }
  core_.index->write(batch, durable && core_.options.sync_to_disk);
  committed_ = true;
  if (core_.ledger->keeps()) tell();
  for (const auto& draft : drafts_) draft->apply();
}

void Change::tell() const {
  std::vector<LedgerEntry> entries;
  for (const auto& draft : drafts_) add_ledger_entries(*draft, entries);
  core_.ledger->note(entries);
}

Change::~Change() {
  if (committed_ || base::FailPoint::crashed()) return;
  bool all_gone = true;
  for (const auto& path : staged_) all_gone = is_removed(path) && all_gone;
  for (const auto& draft : drafts_) all_gone = draft->remove_files() && all_gone;
  for (const auto& draft : drafts_) draft->take_back(all_gone);
}

}  // namespace store
