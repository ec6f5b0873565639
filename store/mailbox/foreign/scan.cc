// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The directory against the index: what others did behind our back, or everything when there is no index.
//
// Where the kernel tells us which names changed, those are looked at (touched.cc). Else, or where that does not explain
// what became of a message, all names in new/ and cur/ are read. What they mean is found out in compare.h, and taken up
// by one change (adopt.cc).
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "store/mailbox/mailbox_impl.h"

namespace store {

namespace {

using What = Watch::What;

constexpr auto kPatience = std::chrono::milliseconds(10);  // of a session whose NOOP meets a change under way

std::vector<FoundFile> read_names(const std::filesystem::path& directory) {
  std::vector<FoundFile> out;
  for (const bool in_new : {true, false}) {
    const auto path = directory / (in_new ? "new" : "cur");
    if (!for_each_name(path, [&](std::string_view name) { out.push_back({std::string(name), in_new, false}); }))
      throw std::system_error(ENOENT, std::generic_category(), path.string());
  }
  return out;
}

}  // namespace

bool MailboxImpl::is_there() {
  if (state_.deleted) return false;
  if (is_displaced()) {
    if (leaving_ || state_.deleted) return false;
    core_.options.log.warning("a mailbox's directory was taken away or replaced", {{"mailbox", name().utf8()}});
    mark_deleted();
    return false;
  }
  if (core_.watch) core_.watch->drain();  // without change_mutex
  return true;
}

void MailboxImpl::check() {
  if (!is_there()) return;
  News news;
  {
    const ChangeLock lock(state_.change_mutex);
    news = look();
  }
  tell(news);
}

bool MailboxImpl::check_soon() {
  if (!is_there()) return true;
  if (!state_.change_mutex.try_lock_for(kPatience)) {
    owes_look_ = true;
    core_.work_later(shared_from_this());
    return false;
  }
  News news;
  {
    const ChangeLock lock(state_.change_mutex, base::kAdopt);
    news = look();
  }
  tell(news);
  return true;
}

MailboxImpl::News MailboxImpl::look() {
  if (state_.deleted) return {};
  owes_look_ = false;
  const auto before = table().record().highest_modseq;
  try {
    look_where_needed();
    if (!growing_.empty() || knows_rewritten()) look_at_growing();
  } catch (...) {
    if (leaving_ || state_.deleted) return {};  // we are deleting it: its files go while they are looked at
    state_.dirty = true;
    throw;
  }
  const bool news = before != table().record().highest_modseq;
  return {news, news || !state_.pending.empty() || !state_.doomed.files.empty() || !growing_.empty()};
}

void MailboxImpl::tell(News news) {
  if (news.any) changed();
  if (news.work) core_.work_later(shared_from_this());
}

void MailboxImpl::look_where_needed() {
  digest();
  if (!state_.dirty && is_watched()) {  // they would have told
    if (!touched_.empty() && !look_at_touched()) {
      core_.watch->drain();
      digest();
      if (!state_.dirty && !look_at_touched()) state_.dirty = true;
    }
  } else if (!state_.dirty) {
    const auto [cur, fresh] = directory_times();
    state_.dirty =
        cur == 0 || fresh == 0 || cur != table().record().cur_changed || fresh != table().record().new_changed;
  }
  if (state_.dirty.exchange(false)) scan(false);
}

void MailboxImpl::conclude(ForeignChange& foreign) {
  if (foreign.any) foreign.draft.record.highest_modseq = foreign.modseq;
  foreign.change.commit({}, {}, foreign.any);
  std::erase_if(growing_, [&](const auto& entry) { return foreign.looked_at.contains(entry.first); });
  growing_.merge(foreign.growing);
  for (const auto& [uid, file] : foreign.complete) fresh_.insert_or_assign(uid, file);
  const base::MutexLock lock(state_.table_mutex);
  std::erase_if(read_early_, [&](const auto& entry) { return foreign.looked_at.contains(entry.first); });
  std::erase_if(rewritten_, [&](imap::Uid uid) { return foreign.looked_at.contains(uid); });
}

Findings MailboxImpl::read_directory() const {
  NameComparison comparison(known_files());
  auto names = read_names(state_.directory());
  core_.options.log.debug("directory read", {{"mailbox", state_.name().utf8()}, {"files", names.size()}});
  comparison.first_reading(std::move(names));
  if (comparison.misses_some()) comparison.second_reading(read_names(state_.directory()));
  return std::move(comparison).findings();
}

void MailboxImpl::scan(bool rebuilding) {
  bool ignored = false;
  const auto events = events_.take(ignored);  // of before the reading
  note_rewritten(events);
  for (const auto& event : events)
    if (event.what == What::Written) was_closed(event.path);
  touched_.clear();
  twins_.clear();
  has_closed_ = false;
  const auto times = directory_times();  // before reading: what changes meanwhile makes the next check look again
  auto findings = read_directory();
  state_.dirty = state_.dirty || std::ranges::find(findings, Finding::What::Between, &Finding::what) != findings.end();
  ForeignChange foreign(state_);
  foreign.draft.story.is_listing = rebuilding;
  take_up(foreign, std::move(findings), rebuilding);
  auto& record = foreign.draft.record;
  if (rebuilding && record.uid_next < state_.reserved) record.uid_next = state_.reserved;
  const bool tells = growing_.empty() && foreign.growing.empty() && !has_closed_;
  record.cur_changed = tells ? times.first : 0;
  record.new_changed = tells ? times.second : 0;
  conclude(foreign);
  part_twins();
}

}  // namespace store
