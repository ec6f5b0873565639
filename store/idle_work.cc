// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What the store's worker does when no mailbox has work: mailboxes that nobody uses leave memory, and what nobody wants
// any more leaves the disk.
#include "store/mail_store_impl.h"

namespace store {

std::vector<std::pair<imap::MailboxName, std::shared_ptr<base::Mutex>>> MailStoreImpl::unused(
    std::chrono::steady_clock::duration idle) {
  const auto now = std::chrono::steady_clock::now();
  const base::MutexLock lock(mutex_);
  std::vector<std::pair<imap::MailboxName, std::shared_ptr<base::Mutex>>> out;
  for (auto& [name, slot] : slots_) {
    if (!slot.mailbox) continue;
    if (slot.mailbox.use_count() > 1)
      slot.used = now;
    else if (now - slot.used >= idle)
      out.emplace_back(name, slot.busy);
  }
  return out;
}

// A mailbox is had from its slot alone, under mutex_: one that only the slot holds can be had by nobody meanwhile. What
// becomes of its directory from now on is seen at the next opening, as after a crash.
bool MailStoreImpl::forget_if_unused(const imap::MailboxName& name, base::Mutex& busy) {
  if (!busy.try_lock()) return false;
  const base::MutexLock held(busy, base::kAdopt);
  auto mailbox = find_open(name);
  if (!mailbox || !mailbox->is_idle() || !mailbox->settle()) return false;
  {
    const base::MutexLock lock(mutex_);
    const auto it = slots_.find(name);
    if (it == slots_.end() || it->second.busy.get() != &busy || it->second.mailbox != mailbox ||
        mailbox.use_count() > 2)
      return false;
    it->second.mailbox.reset();
  }
  if (!mailbox->is_idle()) {  // something came up meanwhile
    {
      const base::MutexLock lock(mutex_);
      slots_[name].mailbox = mailbox;  // ours to fill as long as it is held
    }
    worker_.add(mailbox);
    return false;
  }
  mailbox->stop_watching();  // before another opening can watch the same directories
  return true;
}

std::size_t MailStoreImpl::forget_unused(std::chrono::steady_clock::duration idle) {
  std::size_t count = 0;
  for (const auto& [name, busy] : unused(idle))
    if (forget_if_unused(name, *busy)) ++count;
  return count;
}

void MailStoreImpl::sweep_removed() {
  RemovedMail* removed = nullptr;
  {
    const base::MutexLock lock(mutex_);
    removed = core_.removed.get();
  }
  if (removed == nullptr) return;
  try {
    removed->sweep();
  } catch (const std::exception& error) {
    core_.options.log.warning("removed messages stay for now", {{"why", error.what()}});
  }
}

void MailStoreImpl::sweep_ledger() {
  Ledger* ledger = nullptr;
  {
    const base::MutexLock lock(mutex_);
    ledger = core_.ledger.get();
  }
  if (ledger == nullptr) return;
  try {
    ledger->sweep();
  } catch (const std::exception& error) {
    core_.options.log.warning("old entries of the ledger stay for now", {{"why", error.what()}});
  }
}

void MailStoreImpl::give_back_cached() {
  Index* index = nullptr;
  {
    const base::MutexLock lock(mutex_);
    if (core_.contents) index = core_.index.get();  // which is made before them
  }
  if (index != nullptr) index->give_back_memory();
}

void MailStoreImpl::sweep_contents() {
  Contents* contents = nullptr;
  {
    const base::MutexLock lock(mutex_);
    contents = core_.contents.get();
  }
  if (contents == nullptr || !contents->wants_sweep()) return;
  try {
    contents->sweep();
  } catch (const std::exception& error) {
    core_.options.log.warning("contents that no message has any more stay in the index for now",
                              {{"why", error.what()}});
  }
}

}  // namespace store
