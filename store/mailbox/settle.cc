// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What the store's worker asks of a mailbox when its renames and unlinks are done: whether it has come to rest.
#include "store/mailbox/mailbox_impl.h"

namespace store {

// A mailbox that is being changed has something to do.
bool MailboxImpl::has_work() const {
  if (!state_.change_mutex.try_lock()) return true;
  const ChangeLock lock(state_.change_mutex, base::kAdopt);
  return behind_.has_work();
}

bool MailboxImpl::is_idle() const {
  if (!state_.change_mutex.try_lock()) return false;
  const ChangeLock lock(state_.change_mutex, base::kAdopt);
  return !behind_.has_work() && growing_.empty() && !knows_rewritten() && touched_.empty() && !state_.dirty &&
         !owes_look_ && !events_.any();
}

bool MailboxImpl::is_told() const {
  if (state_.dirty || owes_look_ || events_.any() || knows_rewritten()) return true;
  if (!state_.change_mutex.try_lock()) return false;
  const ChangeLock lock(state_.change_mutex, base::kAdopt);
  return !touched_.empty();
}

bool MailboxImpl::settle() {
  if (look_again()) return false;
  std::pair<std::int64_t, std::int64_t> times;
  {
    if (!state_.change_mutex.try_lock()) return false;
    const ChangeLock lock(state_.change_mutex, base::kAdopt);
    if (!state_.deleted && (!growing_.empty() || !look_at_some_sizes() || knows_rewritten())) return false;
    if (state_.deleted || has_closed_ || !is_watched())
      return true;  // where nothing tells of changes only a scan knows a directory
    times = directory_times();
  }
  core_.watch->drain();  // tells all that happened before those times
  if (!state_.change_mutex.try_lock()) return false;
  const ChangeLock lock(state_.change_mutex, base::kAdopt);
  if (state_.deleted || has_closed_) return true;
  digest();
  if (state_.dirty || !touched_.empty()) return true;  // a check comes, and settles afterwards
  if (times.first == 0 || times.second == 0 || behind_.has_work() || !growing_.empty()) return false;
  if (times.first == table().record().cur_changed && times.second == table().record().new_changed) return true;
  Change change(state_);
  change.draft().record.cur_changed = times.first;
  change.draft().record.new_changed = times.second;
  change.commit({}, {}, false);
  return true;
}

}  // namespace store
