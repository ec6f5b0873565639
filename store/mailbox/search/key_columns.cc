// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A column is read without the lock and shown when it is whole: two that want it at once both read it. It is shown
// only where every message of it was complete (growing.cc) and nothing was forgotten meanwhile.
#include "store/mailbox/search/key_columns.h"

#include <algorithm>
#include <functional>
#include <span>
#include <utility>

#include "proto/base/in_parallel.h"
#include "store/mailbox/mailbox_impl.h"
#include "store/mailbox/search/key_reader.h"
#include "store/mailbox/search/rank_record.h"

namespace store {

namespace {

constexpr std::size_t kMostOctets = 64u << 20;  // of one column that stays in memory
constexpr std::size_t kSlice = 512, kManyGone = 1000;

const std::string& text_of(const mail::SortTexts& texts, imap::SortKey key) {
  switch (key) {
    case imap::SortKey::From: return texts.from;
    case imap::SortKey::To: return texts.to;
    case imap::SortKey::Cc: return texts.cc;
    case imap::SortKey::DisplayFrom: return texts.display_from;
    case imap::SortKey::DisplayTo: return texts.display_to;
    default: return texts.subject;
  }
}

}  // namespace

std::size_t ColumnPlace::find(imap::Uid uid) {
  const auto is_here = [&] { return at_ < uids_.size() && uids_[at_] == uid; };
  if (is_here()) return at_;
  ++at_;
  if (!is_here()) at_ = static_cast<std::size_t>(std::ranges::lower_bound(uids_, uid) - uids_.begin());
  return is_here() ? at_ : kNowhere;
}

imap::ThreadMessage ThreadColumn::message(std::size_t place) const {
  const auto begin = place == 0 ? 0 : ends[place - 1];
  return {.number = uids[place].value,
          .date = dates[place],
          .is_reply_or_forward = replies[place],
          .subject = subjects[place],
          .id = ids[place],
          .references = std::span(references).subspan(begin, ends[place] - begin)};
}

// One search through all of them: a text holds no NUL but behind each of its fields, so that nothing is found across
// two messages.
std::vector<bool> TextColumn::holding(const std::string& folded) const {
  std::vector<bool> out(uids.size());
  if (folded.empty()) {  // where there is a field at all
    for (std::size_t i = 0; i < uids.size(); ++i) out[i] = ends[i] > (i == 0 ? 0 : ends[i - 1]);
    return out;
  }
  std::size_t place = 0;
  for (auto at = text.find(folded); at != std::string::npos;) {
    place = static_cast<std::size_t>(
        std::upper_bound(ends.begin() + static_cast<std::ptrdiff_t>(place), ends.end(), at) - ends.begin());
    out[place] = true;
    at = text.find(folded, ends[place]);
  }
  return out;
}

namespace {

template <class Column>
std::shared_ptr<const Column> reaching(std::shared_ptr<const Column> column, imap::Uid last) {
  return column && !column->uids.empty() && column->uids.back() >= last ? column : nullptr;
}

std::vector<imap::Uid> uids_behind(const MailboxImpl& mailbox, imap::Uid after) {
  auto out = mailbox.uids();
  out.erase(out.begin(), std::ranges::upper_bound(out, after));
  return out;
}

// Calls f(uid) for each; whether all of these messages are complete.
template <class F>
bool for_each(const MailboxImpl& mailbox, std::span<const imap::Uid> uids, const KeyColumns::Stop& stop, F f) {
  bool complete = true;
  for (std::size_t from = 0; from < uids.size();) {
    if (stop && stop()) throw SearchStopped{};
    const auto end = std::min(from + kSlice, uids.size());
    for (const auto& message : mailbox.messages(imap::UidSet::between(uids[from], uids[end - 1])))
      complete = complete && message.complete;
    for (; from < end; ++from) f(uids[from]);
  }
  return complete;
}

// Has take(part, reader, uid) called for the messages in order, several parts of them at once, each with a reader of
// its own; then each part, in order, is given to join(part). Whether all of these messages are complete.
template <class Part, class Take, class Join>
bool read_in_parts(MailboxImpl& mailbox, const std::vector<imap::Uid>& uids, const KeyColumns::Stop& stop, Take take,
                   Join join) {
  const auto threads = base::threads_for(uids.size(), mailbox.core().keys_worth_a_thread);
  std::vector<Part> parts(threads);
  std::vector<char> complete(threads);
  base::in_parallel(uids.size(), threads, [&](std::size_t i, std::size_t begin, std::size_t end) {
    const auto reader = mailbox.key_reader();
    complete[i] = for_each(mailbox, std::span(uids).subspan(begin, end - begin), stop, [&](imap::Uid uid) {
      parts[i].uids.push_back(uid);
      take(parts[i], *reader, uid);
    });
  });
  for (auto& part : parts) join(std::exchange(part, {}));
  return std::ranges::all_of(complete, std::identity());
}

template <class T>
void append(std::vector<T>& to, const std::vector<T>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

void append_ends(std::vector<std::size_t>& ends, const std::vector<std::size_t>& more) {
  const auto before = ends.empty() ? 0 : ends.back();
  for (const auto end : more) ends.push_back(before + end);
}

}  // namespace

void ThreadColumn::append(const ThreadColumn& more) {
  store::append(uids, more.uids);
  store::append(dates, more.dates);
  store::append(replies, more.replies);
  store::append(subjects, more.subjects);
  store::append(ids, more.ids);
  store::append(references, more.references);
  append_ends(ends, more.ends);
}

void TextColumn::append(const TextColumn& more) {
  store::append(uids, more.uids);
  text += more.text;
  store::append(too_long, more.too_long);
  append_ends(ends, more.ends);
}

// take(column, reader, uid) adds a message.
template <class Column, class Take>
std::shared_ptr<const Column> KeyColumns::column(ColumnSlot<Column>& slot, imap::Uid last, const Stop& stop,
                                                 Take take) {
  auto old = slot.get();
  if (auto known = reaching(old, last)) return known;
  const auto forgotten = forgotten_.load();
  const auto count = mailbox_.status().messages;
  if (old && old->uids.size() > count + count / 2 + kManyGone) old.reset();
  auto out = old ? std::make_shared<Column>(*old) : std::make_shared<Column>();
  const auto after = out->uids.empty() ? imap::Uid(0) : out->uids.back();
  const bool complete = read_in_parts<Column>(mailbox_, uids_behind(mailbox_, after), stop, take,
                                              [&](const Column& part) { out->append(part); });
  if (complete && out->octets() <= kMostOctets) slot.put(out);
  if (forgotten_ != forgotten) slot.put(nullptr);
  return out;
}

// What the index keeps is as true as what is in memory: both are forgotten together.
std::shared_ptr<const RankColumn> KeyColumns::kept_ranks(imap::SortKey key, imap::Uid last) const {
  const auto record = mailbox_.core().index->get(keys::rank_column(mailbox_.id(), octet_of(key)), Table::Content);
  if (!record) return nullptr;
  return reaching(std::shared_ptr<const RankColumn>(decode_ranks(*record, mailbox_.status().uid_validity)), last);
}

std::shared_ptr<RankColumn> KeyColumns::make_ranks(imap::SortKey key, const Stop& stop, bool& complete) {
  auto out = std::make_shared<RankColumn>();
  TextColumn all;
  complete = read_in_parts<TextColumn>(
      mailbox_, uids_behind(mailbox_, imap::Uid(0)), stop,
      [&](TextColumn& part, KeyReader& reader, imap::Uid uid) {
        part.text += text_of(reader.sort_texts(uid), key);
        part.ends.push_back(part.text.size());
      },
      [&](const TextColumn& part) { all.append(part); });
  out->uids = std::move(all.uids);
  std::vector<std::string_view> texts;
  for (std::size_t i = 0, begin = 0; i < all.ends.size(); begin = all.ends[i++])
    texts.push_back(std::string_view(all.text).substr(begin, all.ends[i] - begin));
  for (const auto rank : imap::ranks_of(texts)) out->ranks.push_back(static_cast<std::uint32_t>(rank));
  return out;
}

std::shared_ptr<const RankColumn> KeyColumns::ranks(imap::SortKey key, imap::Uid last, const Stop& stop) {
  auto& slot = ranks_[static_cast<std::size_t>(key)];
  if (auto known = reaching(slot.get(), last)) return known;
  const auto forgotten = forgotten_.load();
  const auto is_true = [&] { return forgotten_ == forgotten; };
  bool complete = true;
  auto out = kept_ranks(key, last);
  const bool was_kept = out != nullptr;
  if (!was_kept) out = make_ranks(key, stop, complete);
  if (complete) slot.put(out);
  if (!is_true()) slot.put(nullptr);
  if (complete && !was_kept && out->uids.size() >= mailbox_.core().ranks_kept_from)
    mailbox_.keep_ranks(keys::rank_column(mailbox_.id(), octet_of(key)), encode(*out, mailbox_.status().uid_validity),
                        is_true);
  return out;
}

std::shared_ptr<const ThreadColumn> KeyColumns::threads(imap::Uid last, const Stop& stop) {
  return column(threads_, last, stop, [](ThreadColumn& column, KeyReader& reader, imap::Uid uid) {
    mail::ThreadKeys keys;
    reader.thread_keys(uid, keys);
    column.dates.push_back(keys.date);
    column.replies.push_back(keys.is_reply_or_forward);
    column.subjects.push_back(keys.subject);
    column.ids.push_back(keys.id);
    column.references.insert(column.references.end(), keys.references.begin(), keys.references.end());
    column.ends.push_back(column.references.size());
  });
}

std::shared_ptr<const TextColumn> KeyColumns::texts_at_hand(mail::SearchTexts::Field field, imap::Uid last) {
  return reaching(texts_[field].get(), last);
}

std::shared_ptr<const TextColumn> KeyColumns::texts(mail::SearchTexts::Field field, imap::Uid last, const Stop& stop) {
  struct TooMuch {};
  const auto known = texts_[field].get();
  std::atomic<std::size_t> octets = known ? known->text.size() : 0;  // of all parts
  try {
    return column(texts_[field], last, stop, [&](TextColumn& column, KeyReader& reader, imap::Uid uid) {
      const auto text = reader.search_text(uid, field);
      column.too_long.push_back(!text);
      if (text) column.text += *text;
      column.ends.push_back(column.text.size());
      if (text && (octets += text->size()) > kMostOctets) throw TooMuch{};
    });
  } catch (const TooMuch&) {
    return nullptr;
  }
}

void KeyColumns::forget() {
  ++forgotten_;
  forget_unused(std::chrono::steady_clock::duration::zero());
}

void KeyColumns::forget_unused(std::chrono::steady_clock::duration idle) {
  for (auto& slot : ranks_) slot.clear_unused(idle);
  threads_.clear_unused(idle);
  for (auto& slot : texts_) slot.clear_unused(idle);
}

}  // namespace store
