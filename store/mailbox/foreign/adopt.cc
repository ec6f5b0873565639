// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What becomes of files that others brought, renamed or wrote to.
#include <algorithm>
#include <utility>

#include "store/mailbox/mailbox_impl.h"
#include "store/maildir/mailbox_file.h"

namespace store {

namespace {

constexpr imap::Uid kHighestAdopted{0xF0000000u};  // leaves room above for new mail

std::vector<std::uint32_t> numbers_of(std::uint32_t letters) {
  std::vector<std::uint32_t> out;
  for (std::uint32_t i = 0; i < 26; ++i)
    if (letters & (1u << i)) out.push_back(i);
  return out;
}

}  // namespace

// Letters that we have no name for: another program may have named them meanwhile.
void MailboxImpl::name_letters(Draft& draft, std::uint32_t letters) {
  bool looked = false;
  for (std::uint32_t i = 0; i < 26; ++i) {
    if (!(letters & (1u << i)) || draft.keywords().knows_letter(i)) continue;
    if (!std::exchange(looked, true)) load_letters(draft.own_keywords());
    draft.own_keywords().invent_letter(i);
  }
}

// In one change. What is between two names, or not explained, is not taken up: the caller looks for it again.
void MailboxImpl::take_up(ForeignChange& foreign, Findings findings, bool rebuilding) {
  imap::UidSet lost;
  std::vector<FoundFile> found;
  for (auto& finding : findings) {
    switch (finding.what) {
      case Finding::What::Found: found.push_back(std::move(finding.file)); break;
      case Finding::What::Doomed: state_.doomed.add(imap::Uid(0), finding.file.path()); break;
      case Finding::What::Renamed:
      case Finding::What::RenamedFirst: follow(foreign, finding); break;
      case Finding::What::Twin:
        twins_[std::string(parse_maildir_name(finding.file.name).base)].insert(finding.file.path());
        break;
      case Finding::What::Gone: lost.add(finding.uid); break;
      default: break;
    }
  }
  lose(foreign, lost);
  adopt(foreign, found, rebuilding);
}

void MailboxImpl::follow(ForeignChange& foreign, const Finding& finding) {
  auto& draft = foreign.draft;
  const auto& row = *table().find(finding.uid);
  const auto name = parse_maildir_name(finding.file.name);
  auto numbers = numbers_of(name.keyword_letters);
  for (const auto number : table().keywords().numbers(row.keywords))
    if (number >= 26) numbers.push_back(number);
  name_letters(draft, name.keyword_letters);
  const auto keywords = draft.intern(std::move(numbers));
  Row after = row;
  after.name = finding.file.name;
  after.in_new = finding.file.in_new;
  if (finding.what == Finding::What::RenamedFirst) {
    draft.rename_later(row.uid);
  } else if (row.system_flags != name.system_flags || row.keywords != keywords) {
    after.system_flags = name.system_flags;
    after.keywords = keywords;
    after.modseq = foreign.modseq;
    foreign.any = true;
  }
  draft.update(std::move(after));
}

void MailboxImpl::lose(ForeignChange& foreign, const imap::UidSet& lost, MessageTable::How how) {
  if (lost.empty()) return;
  foreign.draft.lose(lost, how);
  foreign.any = true;
}

Row MailboxImpl::row_of(ForeignChange& foreign, const Arrival& arrival) {
  Row row;
  row.modseq = foreign.modseq;
  row.name = arrival.file->name;
  row.in_new = arrival.file->in_new;
  row.internal_date = arrival.internal_date;
  row.wire_size = arrival.wire_size;
  row.growing = arrival.growing;
  if (!row.growing) row.size_mark = size_mark(arrival.measured.size);
  row.system_flags = arrival.name.system_flags;
  return row;
}

// A new file's UID is that of the text file, or that in its name where this can be true, or the next. What names do not
// say is recorded before the index is written.
void MailboxImpl::adopt(ForeignChange& foreign, const std::vector<FoundFile>& files, bool rebuilding) {
  if (files.empty() && kept_elsewhere_.empty()) return;
  auto arrivals = read_arrivals(state_.directory(), files, rebuilding);
  if (arrivals.size() < files.size()) note_twins(arrivals, files);
  leave_out_closed(arrivals);
  if (arrivals.empty() && kept_elsewhere_.empty()) return;
  auto& draft = foreign.draft;
  // No UID that was ever given may be given again.
  const auto least = rebuilding ? imap::Uid(1) : draft.record.uid_next;
  // Where UIDs were reserved, none beyond them was ever given; a name must not be able to use up the rest.
  const auto limit = rebuilding && state_.reserved == imap::Uid(1) ? kHighestAdopted : state_.reserved;
  std::vector<Row> rows;
  std::vector<std::size_t> without;  // of rows: those that get the next UIDs
  std::unordered_set<std::uint32_t> taken;
  for (const auto& arrival : arrivals) {
    auto row = row_of(foreign, arrival);
    name_letters(draft, arrival.name.keyword_letters);
    auto numbers = numbers_of(arrival.name.keyword_letters);
    const auto known = recorded_uid(arrival.name.base);
    const auto uid = known ? known : arrival.name.uid;
    if (uid && *uid >= least && (known || *uid < limit) && taken.insert(uid->value).second) {
      row.uid = *uid;
      if (const auto more = more_keywords_.find(uid->value); more != more_keywords_.end())
        for (const auto& keyword : more->second) numbers.push_back(draft.own_keywords().number_of(keyword));
      if (row.uid >= draft.record.uid_next) draft.record.uid_next = row.uid.next();
    } else {
      without.push_back(rows.size());
    }
    if (!numbers.empty()) row.keywords = draft.intern(std::move(numbers));
    rows.push_back(std::move(row));
  }
  give_uids(draft, rows, without, rebuilding);
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (arrivals[i].growing)
      foreign.growing.emplace(rows[i].uid, growing_of(arrivals[i]));
    else if (!rebuilding)
      foreign.complete.emplace_back(rows[i].uid, arrivals[i].measured);
  take_kept_elsewhere(rows, taken);
  std::ranges::sort(rows, {}, &Row::uid);
  for (auto& row : rows) draft.add(std::move(row), false);
  foreign.any = true;
}

// Where a file has such a message's UID its text has come.
void MailboxImpl::take_kept_elsewhere(std::vector<Row>& rows, const std::unordered_set<std::uint32_t>& taken) {
  for (auto& row : std::exchange(kept_elsewhere_, {}))
    if (!taken.contains(row.uid.value)) rows.push_back(std::move(row));
}

// What is not for us to read is no message until it is. The directory's times do not tell when.
void MailboxImpl::leave_out_closed(std::vector<Arrival>& arrivals) {
  std::erase_if(arrivals, [this](const Arrival& arrival) {
    state_.change_mutex.assert_held();
    if (!arrival.closed) return false;
    has_closed_ = true;
    core_.options.log.warning("a file cannot be read and is left out",
                              {{"mailbox", state_.name().utf8()}, {"file", arrival.file->path()}});
    return true;
  });
}

void MailboxImpl::note_twins(const std::vector<Arrival>& arrivals, const std::vector<FoundFile>& files) {
  std::unordered_map<std::string_view, const FoundFile*> by_base;
  for (const auto& arrival : arrivals) by_base.emplace(arrival.name.base, arrival.file);
  for (const auto& file : files) {
    const auto base = parse_maildir_name(file.name).base;
    const auto it = by_base.find(base);
    if (it != by_base.end() && it->second != &file) twins_[std::string(base)].insert(file.path());
  }
}

std::optional<imap::Uid> MailboxImpl::recorded_uid(std::string_view base) const {
  if (recorded_.empty()) return std::nullopt;
  const auto it = recorded_.find(std::string(base));
  return it == recorded_.end() ? std::nullopt : std::optional(it->second);
}

void MailboxImpl::give_uids(Draft& draft, std::vector<Row>& rows, const std::vector<std::size_t>& without,
                            bool rebuilding) {
  auto& next = draft.record.uid_next;
  // Without an index only the text file knows which were given.
  if (!without.empty() && rebuilding && next < state_.reserved) next = state_.reserved;
  std::string lines;
  for (const auto i : without) {
    rows[i].uid = next;
    next = next.next();
    lines += uid_line(rows[i].uid, parse_maildir_name(rows[i].name).base);
  }
  auto reserved = state_.reserved;
  if (next > reserved) {
    reserved = imap::Uid(next.value + 1000);
    lines += uid_next_line(reserved);
  }
  if (lines.empty()) return;
  append_to_mailbox_file(state_.directory(), lines);
  state_.reserved = reserved;
}

}  // namespace store
