// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// STORE: flags are safe in the index; the files' names follow behind.
#include <map>

#include "store/mailbox/change.h"
#include "store/mailbox/mailbox_impl.h"

namespace store {

namespace {

// What a change of flags makes of a message's; there are few distinct sets of keywords among many messages.
class FlagChanger {
 public:
  FlagChanger(Draft& draft, imap::FlagChange change, const imap::FlagSet& flags)
      : draft_(draft), change_(change), bits_(flags.system_bits()), keywords_(flags) {
    keywords_.set_system_bits(0);
  }

  void apply(Row& row) {
    if (change_ == imap::FlagChange::Replace)
      row.system_flags = bits_;
    else if (change_ == imap::FlagChange::Add)
      row.system_flags |= bits_;
    else
      row.system_flags &= static_cast<std::uint8_t>(~bits_);
    row.keywords = became(row.keywords);
  }

 private:
  Keywords::Set became(Keywords::Set old) {
    const auto [it, is_new] = became_.try_emplace(old, 0);
    if (!is_new) return it->second;
    imap::FlagSet set;
    if (change_ != imap::FlagChange::Replace) draft_.keywords().add_to(set, old);
    change_ == imap::FlagChange::Remove ? set.remove(keywords_) : set.add(keywords_);
    return it->second = draft_.intern(set.keywords());
  }

  Draft& draft_;
  imap::FlagChange change_;
  std::uint8_t bits_;
  imap::FlagSet keywords_;
  std::map<Keywords::Set, Keywords::Set> became_;
};

}  // namespace

FlagsChanged MailboxImpl::draft_flags(Draft& draft, const imap::UidSet& uids, imap::FlagChange change,
                                      const FlagsWanted& wanted) {
  FlagsChanged out;
  out.modseq = draft.record.highest_modseq;
  FlagChanger changer(draft, change, wanted.flags);
  imap::UidSet found;
  state_.table().for_each(uids, [&](const Row& row) {
    found.add(row.uid);
    if (wanted.unchanged_since && row.modseq > *wanted.unchanged_since) {
      out.modified.add(row.uid);
      return;
    }
    Row after = row;
    changer.apply(after);
    const bool differs = after.system_flags != row.system_flags || after.keywords != row.keywords;
    if (differs) after.modseq = draft.modseq();
    out.changed.push_back(MessageTable::message_of(after, draft.keywords()));
    if (!differs) return;
    out.touched.add(row.uid);
    draft.note_keywords(after, row.keywords);
    draft.update(std::move(after));
  });
  out.missing = uids.minus(found);
  if (!draft.updated().empty()) draft.record.highest_modseq = out.modseq = draft.modseq();
  return out;
}

base::Result<FlagsChanged> MailboxImpl::change_flags(const imap::UidSet& uids, imap::FlagChange change,
                                                     const imap::FlagSet& flags,
                                                     std::optional<imap::ModSeq> unchanged_since,
                                                     const AtCommit& at_commit, const std::string& by) {
  FlagsChanged out;
  bool work = false;
  try {
    const Foreground::Busy busy(core_.foreground);
    const ChangeLock lock(state_.change_mutex);
    if (auto alive = check_alive(); !alive) return std::unexpected(alive.error());
    if (change != imap::FlagChange::Remove)
      if (auto room = check_room_for(flags, table()); !room) return std::unexpected(room.error());
    Change whole(state_, client_or(by));
    auto& draft = whole.draft();
    out = draft_flags(draft, uids, change, {flags, unchanged_since});
    if (draft.updated().empty() && !at_commit) return out;
    std::vector<imap::Uid> touched;
    for (const auto& row : draft.updated()) touched.push_back(row.uid);
    whole.prepare();
    whole.commit(at_commit, touched);
    state_.table().for_each(out.touched, [&](const Row& row) {
      state_.change_mutex.assert_held();
      if (!state_.table().is_misnamed(row)) return;
      state_.pending.add(row.uid);
      work = true;
    });
  } catch (...) {
    return failed();
  }
  if (!out.touched.empty()) changed();
  if (work) core_.work_later(shared_from_this());
  return out;
}

}  // namespace store
