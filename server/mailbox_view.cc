// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How the numbering stays true:
// 1. uids_ is what the client counts. New UIDs wait in new_, expunged ones in vanished_, until report().
// 2. refresh() asks the mailbox for its changes since modseq_ and sorts them into these; it is cheap when there are
// none.
// 3. report() tells expunges first (from the last number to the first, so that no number shifts), then flags, then
//    EXISTS; each in one pass over uids_ at most.
// 4. What is told of a message is its state now, which may be newer than an expunge that must wait. A client that
//    comes back with that mod-sequence would never hear of the expunge: HIGHESTMODSEQ takes it back.
#include "server/mailbox_view.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "proto/response/fetch.h"
#include "proto/response/flags.h"
#include "proto/response/vanished.h"

namespace server {

namespace {

constexpr std::size_t kSlice = 1000;

auto position(const std::vector<imap::Uid>& uids, std::uint32_t uid) {
  return std::ranges::lower_bound(uids, imap::Uid(uid));
}

}  // namespace

MailboxView::MailboxView(std::shared_ptr<store::Mailbox> mailbox, bool read_only)
    : mailbox_(std::move(mailbox)), read_only_(read_only) {
  recent_ = read_only_ ? mailbox_->unclaimed_recent() : mailbox_->claim_recent();
  status_ = mailbox_->status();  // before uids(): what comes in between is reported twice rather than never
  modseq_ = status_.highest_modseq;
  uids_ = mailbox_->uids();
  told_recent_ = recent_count();
}

std::optional<imap::SeqNum> MailboxView::number(imap::Uid uid) const {
  const auto it = position(uids_, uid.value);
  if (it == uids_.end() || *it != uid) return std::nullopt;
  return imap::SeqNum(static_cast<std::uint32_t>(it - uids_.begin()) + 1);
}

std::uint32_t MailboxView::recent_count() const { return static_cast<std::uint32_t>(numbers(recent_).size()); }

std::optional<imap::SeqSet> MailboxView::resolve(const imap::MessageSet& messages) const {
  if (messages.set.saved) return numbers(saved_);
  if (messages.by == imap::MessageSet::By::Uid)
    return numbers(messages.set.resolve(uids_.empty() ? imap::Uid() : uids_.back()));
  imap::SeqSet out;
  const auto count = exists();
  for (const auto& range : messages.set.ranges) {
    const bool star = range.first == 0 || range.last == 0;
    auto first = range.first ? range.first : count, last = range.last ? range.last : count;
    if (first > last) std::swap(first, last);
    if (star) last = count, first = std::min(first, count);
    if (last > count) return std::nullopt;
    if (last > 0) out.add(imap::SeqNum(first), imap::SeqNum(last));
  }
  return out;
}

imap::SeqSet MailboxView::resolve_existing(const imap::MessageSet& messages) const {
  if (auto numbers = resolve(messages)) return std::move(*numbers);
  return messages.set.resolve(imap::SeqNum(exists()))
      .intersect(imap::SeqSet::between(imap::SeqNum(1), imap::SeqNum(exists())));
}

imap::SeqSet MailboxView::numbers(const imap::UidSet& uids) const {
  imap::SeqSet out;
  auto from = uids_.begin();
  for (const auto& range : uids.ranges()) {
    from = std::lower_bound(from, uids_.end(), imap::Uid(range.first));
    const auto to = std::upper_bound(from, uids_.end(), imap::Uid(range.last));
    if (from != to)
      out.add(imap::SeqNum(static_cast<std::uint32_t>(from - uids_.begin()) + 1),
              imap::SeqNum(static_cast<std::uint32_t>(to - uids_.begin())));
    from = to;
  }
  return out;
}

imap::UidSet MailboxView::uids(const imap::SeqSet& numbers) const {
  imap::UidSet out;
  for (const auto& range : numbers.ranges())
    for (auto n = range.first; n <= range.last; ++n) out.add(uids_[n - 1]);
  return out;
}

imap::UidSet MailboxView::all_uids() const {
  imap::UidSet out;
  for (const auto uid : uids_) out.add(uid);
  return out;
}

imap::UidSet MailboxView::without_its_own(const imap::UidSet& vanished) const {
  return vanished.minus(uids(numbers(vanished)));
}

void MailboxView::refresh() {
  if (gone_) return;
  const auto before = settled();
  if (mailbox_->is_deleted()) {  // to this client all its messages have been expunged
    gone_ = true;
    settled_ = before;
    vanished_ = all_uids();
    changed_ = {};
    new_.clear();
    return;
  }
  const auto changes = mailbox_->changes_since(modseq_);
  modseq_ = std::max(modseq_, changes.highest);
  const auto last = !new_.empty() ? new_.back() : uids_.empty() ? imap::Uid() : uids_.back();
  for (const auto& message : changes.changed) {
    if (message.uid > last)
      new_.push_back(message.uid);
    else
      changed_.add(message.uid);
  }
  if (changes.vanished.empty()) {
    wants_claim_ = wants_claim_ || !new_.empty();
    return;
  }
  std::erase_if(new_, [&](imap::Uid uid) { return changes.vanished.contains(uid); });
  changed_ = changed_.minus(changes.vanished);
  vanished_.add(uids(numbers(changes.vanished)));
  settled_ = before;
  wants_claim_ = wants_claim_ || !new_.empty();
}

void MailboxView::claim() {
  wants_claim_ = false;
  recent_.add(read_only_ ? mailbox_->unclaimed_recent() : mailbox_->claim_recent());
}

void MailboxView::own_change(imap::ModSeq modseq) {
  if (modseq == modseq_.next()) modseq_ = modseq;  // nobody else came in between
}

void MailboxView::report(imap::Printer& printer, ReportStyle style) {
  if (style.expunges && !vanished_.empty()) report_expunges(printer, style.qresync);
  if (!changed_.empty()) report_flags(printer, style);
  const bool grown = !new_.empty();
  if (grown) {
    uids_.insert(uids_.end(), new_.begin(), new_.end());
    new_.clear();
    printer.raw("* ").number(exists()).raw(" EXISTS\r\n");
  }
  const auto recent = recent_count();
  if (grown || recent != told_recent_) printer.raw("* ").number(recent).raw(" RECENT\r\n");
  told_recent_ = recent;
  if (style.qresync) report_highest(printer);
}

void MailboxView::report_highest(imap::Printer& printer) {
  const auto told = std::exchange(told_modseq_, imap::ModSeq());
  const bool above = !vanished_.empty() && told > settled_;
  if (!above && (!took_back_ || !vanished_.empty())) return;
  took_back_ = above;
  printer.raw("* OK [HIGHESTMODSEQ ").number(settled().value).raw(above ? "] Expunges wait.\r\n" : "] Highest\r\n");
}

void MailboxView::report_expunges(imap::Printer& printer, bool qresync) {
  const auto numbers = this->numbers(vanished_);
  if (qresync) {
    imap::VanishedResponse{.earlier = false, .uids = uids(numbers)}.print(printer);
  } else {
    for (auto range = numbers.ranges().rbegin(); range != numbers.ranges().rend(); ++range)
      for (auto n = range->last; n >= range->first; --n) printer.raw("* ").number(n).raw(" EXPUNGE\r\n");
  }
  auto to = uids_.begin() + (numbers.ranges().empty() ? 0 : numbers.ranges().front().first - 1);
  auto range = numbers.ranges().begin();
  for (std::size_t i = to - uids_.begin(); i < uids_.size() && range != numbers.ranges().end();) {
    const auto next = range + 1 == numbers.ranges().end() ? uids_.size() : (range + 1)->first - 1;
    to = std::copy(uids_.begin() + range->last, uids_.begin() + static_cast<std::ptrdiff_t>(next), to);
    i = next;
    ++range;
  }
  if (!numbers.empty()) uids_.erase(to, uids_.end());
  recent_ = recent_.minus(vanished_);
  saved_ = saved_.minus(vanished_);
  vanished_ = {};
}

void MailboxView::report_flags(imap::Printer& printer, ReportStyle style) {
  report_keywords(printer);
  const auto numbers = this->numbers(changed_.minus(vanished_));
  changed_ = {};
  imap::SeqSet slice;
  const auto tell = [&] {
    for (const auto& message : mailbox_->messages(uids(slice)))
      if (const auto n = number(message.uid)) {
        print_flags_fetch(printer, *n, message, is_recent(message.uid), style.qresync, style.condstore);
        told_modseq(message.modseq);
      }
    slice = {};
  };
  numbers.for_each([&](imap::SeqNum n) {
    slice.add(n);
    if (slice.size() >= kSlice) tell();
  });
  if (!slice.empty()) tell();
}

void MailboxView::report_keywords(imap::Printer& printer) {
  const auto known = mailbox_->keywords();
  if (known == keywords_) return;
  print_flags(printer);
}

void MailboxView::print_flags(imap::Printer& printer) {
  keywords_ = mailbox_->keywords();
  imap::FlagsResponse flags;
  for (const auto& row : imap::kFlagTable) flags.flags.emplace_back(row.name);
  flags.flags.insert(flags.flags.end(), keywords_.begin(), keywords_.end());
  flags.print(printer);
  if (read_only_) {
    printer.raw("* OK [PERMANENTFLAGS ()] Read-only mailbox.\r\n");
    return;
  }
  printer.raw("* OK [PERMANENTFLAGS (");
  for (const auto& flag : flags.flags) printer.raw(&flag == flags.flags.data() ? "" : " ").raw(flag);
  const bool more = keywords_.size() < store::kMostKeywords;
  printer.raw(more ? " \\*)] Flags permitted.\r\n" : ")] No more keywords can be made.\r\n");
}

void print_flags_fetch(imap::Printer& printer, imap::SeqNum number, const store::Message& message, bool recent,
                       bool with_uid, bool with_modseq) {
  imap::print_fetch_begin(printer, number);
  if (with_uid) {
    imap::print_fetch_uid(printer, message.uid);
    printer.sp();
  }
  printer.raw("FLAGS ").flag_list(message.flags, recent);
  if (with_modseq) {
    printer.sp();
    imap::print_fetch_modseq(printer, message.modseq);
  }
  imap::print_fetch_end(printer);
}

}  // namespace server
