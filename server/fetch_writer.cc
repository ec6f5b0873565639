// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/fetch_writer.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "proto/response/fetch.h"

namespace server {

namespace {

using Kind = imap::FetchItem::Kind;

constexpr std::size_t kLightSlice = 1000, kHeavySlice = 200;
constexpr std::uint64_t kPiece = 128 * 1024;

bool is_text(Kind kind) {
  return kind == Kind::BodySection || kind == Kind::Rfc822 || kind == Kind::Rfc822Header || kind == Kind::Rfc822Text;
}

bool reads_disk(Kind kind) {
  return kind != Kind::Uid && kind != Kind::Flags && kind != Kind::ModSeq && kind != Kind::InternalDate;
}

// Field names are answered in upper case, as Dovecot does.
void upper_case(std::vector<std::string>& fields) {
  for (auto& field : fields)
    for (auto& c : field)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
}

// No literal of IMAP4rev1 holds NUL (RFC 3501 section 9, CHAR8): 0x80 stands for it, as Dovecot has it.
void replace_nul(std::string& out, std::size_t from) {
  while ((from = out.find('\0', from)) != std::string::npos) out[from] = '\x80';
}

imap::Section section_of(const imap::FetchItem& item) {
  imap::Section out = item.section;
  if (item.kind == Kind::Rfc822Header) out.text = imap::Section::Text::Header;
  if (item.kind == Kind::Rfc822Text) out.text = imap::Section::Text::Text;
  return out;
}

}  // namespace

FetchWriter::FetchWriter(MailboxView& view, FetchRequest request) : view_(view), request_(std::move(request)) {
  auto& items = request_.items;
  const auto has = [&](Kind kind) {
    return std::ranges::any_of(items, [&](const auto& item) { return item.kind == kind; });
  };
  const auto implied = [](Kind kind) {
    imap::FetchItem item;
    item.kind = kind;
    return item;
  };
  if (request_.with_uid && !has(Kind::Uid)) items.insert(items.begin(), implied(Kind::Uid));
  if (request_.with_modseq && !has(Kind::ModSeq)) items.push_back(implied(Kind::ModSeq));
  imap::FetchItems texts;  // come last
  for (const auto& item : items)
    if (is_text(item.kind)) texts.push_back(item);
  std::erase_if(items, [](const auto& item) { return is_text(item.kind); });
  items.insert(items.end(), texts.begin(), texts.end());
  for (auto& item : items) {
    upper_case(item.section.fields);
    heavy_ = heavy_ || reads_disk(item.kind);
    sets_seen_ = sets_seen_ || item.sets_seen();
  }
  wants_flags_ = has(Kind::Flags);
  tells_flags_ = wants_flags_ && (!request_.condstore || has(Kind::ModSeq));
  sets_seen_ = sets_seen_ && !view_.read_only();
  if (heavy_) reader_ = view_.mailbox().reader();
}

bool FetchWriter::write(std::string& out, std::size_t budget) {
  imap::Printer printer(out);
  while (out.size() < budget) {
    if (octets_at_ < octets_.size()) {
      const auto n = std::min(kPiece, octets_.size() - octets_at_);
      const auto from = out.size();
      octets_.append_to(out, octets_at_, n);
      replace_nul(out, from);
      octets_at_ += n;
      continue;
    }
    if (!in_message_) {
      if (message_ >= slice_.size() && !next_slice()) {
        reader_.reset();  // here, since it may write to the index what it has read
        return false;
      }
      if (message_ < slice_.size() && has_to_wait()) return true;
      if (message_ < slice_.size()) in_message_ = begin_message(printer);
      continue;
    }
    if (item_ == request_.items.size()) {
      imap::print_fetch_end(printer);
      in_message_ = false;
      ++message_;
      continue;
    }
    print_next_item(out);
    if (!waits_for_.empty()) return true;
  }
  return true;
}

void FetchWriter::print_next_item(std::string& out) {
  const auto mark = out.size();
  const auto uid = imap::UidSet::of(slice_[message_].uid);
  if (item_ > 0) out += ' ';
  try {
    if (print_item(out, request_.items[item_])) {
      ++item_;
      return;
    }
    // The message is gone, or cannot be read: what was not sent yet is taken back; what was cannot be.
    (view_.mailbox().messages(uid).empty() ? missed_ : unreadable_) = true;
  } catch (const store::TextElsewhere&) {
    lacked_ = lacked_ || waits_in_vain_;
    if (!waits_in_vain_) waits_for_ = uid;
  }
  out.resize(mark);
  if (!waits_for_.empty()) return;
  if (item_ == 0) out += "UID " + std::to_string(slice_[message_].uid.value);
  item_ = request_.items.size();
}

// What sets \Seen has the text before anything is told of the message.
bool FetchWriter::has_to_wait() {
  auto& message = slice_[message_];
  if (!sets_seen_ || !message.elsewhere) return false;
  auto now = view_.mailbox().messages(imap::UidSet::of(message.uid));
  if (now.empty()) return false;  // it is missed when it is read
  if (now.front().elsewhere) {
    if (!waits_in_vain_) waits_for_.add(message.uid);
    return !waits_in_vain_;
  }
  mark_seen(now);
  message = std::move(now.front());
  return false;
}

void FetchWriter::go_on(bool has_come) {
  waits_for_ = {};
  waits_in_vain_ = waits_in_vain_ || !has_come;
  reader_ = view_.mailbox().reader();  // what the old one knows of the message is of before
}

bool FetchWriter::next_slice() {
  const auto& ranges = request_.numbers.ranges();
  imap::SeqSet numbers;
  for (std::size_t left = heavy_ ? kHeavySlice : kLightSlice; left > 0 && range_ < ranges.size();) {
    const auto& range = ranges[range_];
    const auto count = std::min<std::uint64_t>(left, std::uint64_t(range.last) - range.first + 1 - within_);
    numbers.add(imap::SeqNum(range.first + within_),
                imap::SeqNum(static_cast<std::uint32_t>(range.first + within_ + count - 1)));
    within_ += static_cast<std::uint32_t>(count);
    left -= count;
    if (range.first + within_ > range.last) ++range_, within_ = 0;
  }
  if (numbers.empty()) return false;
  const auto uids = view_.uids(numbers);
  slice_ = view_.mailbox().messages(uids);
  message_ = 0;
  newly_seen_ = {};
  if (slice_.size() < numbers.size()) missed_ = true;
  if (sets_seen_) mark_seen(slice_);
  if (tells_flags_) told_.add(uids);
  return true;
}

void FetchWriter::mark_seen(std::vector<store::Message>& slice) {
  imap::UidSet unseen;
  for (const auto& message : slice)
    if (!message.flags.has(imap::Flag::Seen) && !message.elsewhere) unseen.add(message.uid);
  if (unseen.empty()) return;
  auto changed = view_.mailbox().change_flags(unseen, imap::FlagChange::Add, {imap::Flag::Seen}, {}, {}, request_.by);
  if (!changed) return;  // a full disk: the text is answered all the same
  newly_seen_.add(unseen);
  view_.own_change(changed->modseq);
  seen_modseq_ = changed->modseq;
  auto it = slice.begin();
  for (auto& now : changed->changed) {
    it = std::ranges::lower_bound(it, slice.end(), now.uid, {}, &store::Message::uid);
    if (it != slice.end() && it->uid == now.uid) *it = std::move(now);
  }
}

bool FetchWriter::begin_message(imap::Printer& printer) {
  const auto& message = slice_[message_];
  const auto number = view_.number(message.uid);
  item_ = 0;
  if (!number) {
    ++message_;
    return false;
  }
  imap::print_fetch_begin(printer, *number);
  if (sets_seen_ && !wants_flags_ && newly_seen_.contains(message.uid)) {
    printer.raw("FLAGS ").flag_list(message.flags, view_.is_recent(message.uid)).sp();
    if (request_.condstore) {
      print_modseq(printer, message);
      printer.sp();
    }
    told_.add(message.uid);
  }
  return true;
}

bool FetchWriter::print_item(std::string& out, const imap::FetchItem& item) {
  imap::Printer printer(out);
  const auto& message = slice_[message_];
  switch (item.kind) {
    case Kind::Uid: imap::print_fetch_uid(printer, message.uid); return true;
    case Kind::Flags: printer.raw("FLAGS ").flag_list(message.flags, view_.is_recent(message.uid)); return true;
    case Kind::InternalDate: print_date(printer, message.internal_date); return true;
    case Kind::Rfc822Size: {
      const auto size = message.size ? message.size : reader_->size(message.uid);
      if (!size) return false;
      printer.raw("RFC822.SIZE ").number(*size);
      return true;
    }
    case Kind::ModSeq: print_modseq(printer, message); return true;
    case Kind::Envelope: {
      const auto* envelope = reader_->envelope(message.uid);
      if (!envelope) return false;
      printer.raw("ENVELOPE ");
      imap::print_envelope(printer, *envelope);
      return true;
    }
    case Kind::Body:
    case Kind::BodyStructure: {
      const auto* body = reader_->body_structure(message.uid);
      if (!body) return false;
      const bool extended = item.kind == Kind::BodyStructure;
      printer.raw(extended ? "BODYSTRUCTURE " : "BODY ");
      imap::print_body(printer, *body, extended);
      return true;
    }
    default: return print_text(out, item);
  }
}

bool FetchWriter::print_text(std::string& out, const imap::FetchItem& item) {
  imap::Printer printer(out);
  const auto uid = slice_[message_].uid;
  const auto section = section_of(item);
  const auto origin = item.partial ? std::optional(item.partial->offset) : std::nullopt;
  if (section.part.empty() && section.text == imap::Section::Text::Header && !item.partial) {
    const auto header = reader_->header(uid);  // from the index, without a copy
    if (!header) return false;
    if (header->size() < store::ContentReader::kHeaderSeen) {
      imap::print_fetch_text_name(printer, item.kind, item.section, origin);
      printer.raw(" {").number(header->size()).raw("}\r\n").raw(*header);
      replace_nul(out, out.size() - header->size());
      return true;
    }
  }
  auto data = reader_->section(uid, section);
  if (!data) return false;
  imap::print_fetch_text_name(printer, item.kind, item.section, origin);
  octets_ = item.partial ? data->octets.slice(item.partial->offset, item.partial->length) : std::move(data->octets);
  octets_at_ = 0;
  printer.raw(" {").number(octets_.size()).raw("}\r\n");
  return true;
}

void FetchWriter::print_modseq(imap::Printer& printer, const store::Message& message) {
  imap::print_fetch_modseq(printer, message.modseq);
  view_.told_modseq(message.modseq);
}

void FetchWriter::print_date(imap::Printer& printer, std::int64_t when) {
  const auto hour = when / 900;  // zones change at quarters of an hour only
  if (hour != hour_) zone_ = imap::local_date_time(when).zone_minutes;
  hour_ = hour;
  printer.raw("INTERNALDATE ").date_time({.unix_seconds = when, .zone_minutes = zone_});
}

}  // namespace server
