// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mailbox/change.h"

#include <algorithm>
#include <utility>

#include "proto/base/clock.h"
#include "store/maildir/dovecot_files.h"
#include "store/maildir/mailbox_file.h"
#include "store/maildir/maildir.h"

namespace store {

namespace {

constexpr std::uint64_t kUidsEnd = 0xFFFFFFF0u;
constexpr std::uint32_t kReserve = 1000;  // UIDs that one line of the text file reserves

std::vector<std::string> letters_of(const Keywords& keywords) {
  auto out = keywords.names();
  if (out.size() > 26) out.resize(26);
  return out;
}

}  // namespace

Draft::Draft(MailboxState& mailbox) : record(mailbox.table().record()), mailbox_(mailbox) {}

Keywords& Draft::own_keywords() {
  if (!own_keywords_) own_keywords_ = table().keywords();
  return *own_keywords_;
}

Keywords::Set Draft::intern(const std::vector<std::string>& names) {
  if (names.empty()) return 0;
  const auto known = keywords().find(names);
  return known ? *known : own_keywords().intern(names);
}

Keywords::Set Draft::intern(std::vector<std::uint32_t> numbers) {
  const auto known = keywords().find(numbers);
  return known ? *known : own_keywords().intern(std::move(numbers));
}

// What the text file says of reserved UIDs stays true whatever becomes of the change.
base::Result<void> Draft::reserve_uids(std::uint64_t count) {
  mailbox_.change_mutex.assert_held();
  const auto end = record.uid_next.value + count;
  if (end > kUidsEnd)
    return base::refuse(base::Reason::Limit, "the mailbox " + mailbox_.name().utf8() +
                                                 " has used up its UIDs: make a new one, and move the messages there");
  if (end <= mailbox_.reserved.value) return {};
  const imap::Uid upto(static_cast<std::uint32_t>(std::min<std::uint64_t>(end + kReserve, 0xFFFFFFFEu)));
  append_to_mailbox_file(mailbox_.directory(), uid_next_line(upto));
  mailbox_.reserved = upto;
  return {};
}

void Draft::bring(Row row) {
  coming_.add(row.uid);
  updated_.push_back(std::move(row));
}

void Draft::add(Row row, bool comes) {
  if (comes) coming_.add(row.uid);
  if (row.uid >= record.uid_next) record.uid_next = row.uid.next();
  added_.push_back(std::move(row));
}

// Their UIDs are used up all the same, and their announcements are taken back by the commit.
void Draft::leave_out(const imap::UidSet& uids) {
  std::erase_if(added_, [&](const Row& row) { return uids.contains(row.uid); });
}

void Draft::note_keywords(const Row& row, Keywords::Set before) {
  const auto had = table().keywords().beyond_letters(before), has = keywords().beyond_letters(row.keywords);
  if (had.empty() && has.empty()) return;
  lines_ += keywords_line(row.uid, has);
  lines_back_ += keywords_line(row.uid, had);
}

void Draft::expunge(const Row& row, const std::string& by) {
  removed_.add(row.uid);
  if (row.elsewhere) return;
  auto& doomed = doomed_.emplace_back(DoomedFile{row.uid, MessageTable::path_of(row), {}, row.uid});
  if (by.empty() || !mailbox_.core.removed->keeps()) return;
  imap::FlagSet named;
  table().keywords().add_to(named, row.keywords);
  RemovalNote note{base::unix_now(), by, row.internal_date, row.system_flags, {}};
  for (const auto& keyword : named.keywords()) note.keywords.push_back(keyword);
  doomed.note = encode(note);
}

void Draft::prepare() {
  mailbox_.change_mutex.assert_held();
  const auto letters = letters_of(keywords());
  if (letters != mailbox_.letters_saved) {
    write_keyword_letters(mailbox_.directory(), letters);
    letters_before_ = std::exchange(mailbox_.letters_saved, letters);
  }
  if (const auto lines = mailbox_.lines_owed + lines_; !lines.empty()) {
    wrote_lines_ = true;  // even where this fails half way
    append_to_mailbox_file(mailbox_.directory(), lines);
    mailbox_.lines_owed.clear();
  }
  if (!coming_.empty()) announce();
}

void Draft::apply() {
  mailbox_.change_mutex.assert_held();
  mailbox_.write([this](MessageTable& table) {
    for (const auto& row : added_) table.index_base(row);
    if (const auto count = too_old()) {
      record.log_starts = std::max(record.log_starts, table.expunges()[count - 1].modseq);
      table.cut_log(count);
    }
    table.log_expunges(removed_.minus(seen_), modseq(), MessageTable::How::Said);
    table.log_expunges(seen_, modseq(), MessageTable::How::Seen);
    table.set_record(std::move(record));
    if (own_keywords_) table.swap_keywords(*own_keywords_);
    if (ends_renames_) table.end_renames();
    table.update(updated_);
    table.remove(removed_);
    table.add(added_);
  });
  mailbox_.intents_owed = {};
  mailbox_.rows_owed = {};
  mailbox_.pending.add(pending_);
  if (unlinked_ > 0) mailbox_.doomed.remove_first(unlinked_);
  for (auto& file : doomed_) mailbox_.doomed.add(file.uid, std::move(file.path), std::move(file.note));
}

// What cannot be taken back now is owed. Letters that nobody uses do no harm: the next change writes them anew.
void Draft::take_back(bool files_are_gone) {
  mailbox_.change_mutex.assert_held();
  if (letters_before_) try {
      write_keyword_letters(mailbox_.directory(), *letters_before_);
      mailbox_.letters_saved = *letters_before_;
    } catch (...) {
    }
  if (wrote_lines_) mailbox_.lines_owed += lines_back_;
  if (!mailbox_.lines_owed.empty()) try {
      append_to_mailbox_file(mailbox_.directory(), mailbox_.lines_owed);
      mailbox_.lines_owed.clear();
    } catch (...) {
    }
  if (!announced_) return;
  if (ahead_ > 0) mailbox_.rows_owed.add(coming_);
  if (files_are_gone) {
    mailbox_.intents_owed.add(coming_);
  } else {  // they must not be taken for new mail
    mailbox_.intents_owed = mailbox_.intents_owed.minus(coming_);
    for_each_that_comes([&](const Row& row) {
      mailbox_.change_mutex.assert_held();
      mailbox_.doomed.add(row.uid, MessageTable::path_of(row));
    });
  }
  try {
    erase_owed();
  } catch (...) {
  }
}

}  // namespace store
