// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// DO NOT CHANGE what is written here; add kinds of records instead (docs/sync.md describes it).
//   d <mailbox> <side>         ranges (4, 4)
//   f <mailbox> <number>   side, change (0 add, 1 remove), system flags, how many ranges (4), ranges (4, 4), keywords
//   a <mailbox> <side> <UID>   kind (0 waits, 1 held, 2 allowed, 3 leaves), since (8)
//   t <mailbox> <UID there>    UIDVALIDITY there (4), size there (8), digest (16)
//   e <mailbox> <UID there>    UIDVALIDITY there (4), EMAILID or X-GM-MSGID (empty: asked, and not told)
//   w <mailbox> <UID there>    UIDVALIDITY there (4), date here (8), date there (8)
//   h <mailbox> <side> <UID>   kind (0 refused, 1 lost), why; or kind 2, refused: tries (4), next try (8), why;
//                              or kind 3, refused: tries, next try, name, NUL, why; or kind 4, lost: name, NUL, why
#include "sync/journal/journal.h"
#include "sync/journal/octets.h"

namespace mirror {

std::vector<FlagAction> Journal::flag_intents(std::uint32_t mailbox) {
  std::vector<FlagAction> out;
  storage_->for_each(key('f', mailbox), [&](std::string_view, std::string_view value) {
    Take take{value};
    FlagAction action;
    action.side = take.number<std::uint8_t>() == 0 ? Side::Local : Side::Remote;
    action.change = take.number<std::uint8_t>() == 0 ? imap::FlagChange::Add : imap::FlagChange::Remove;
    const auto bits = take.number<std::uint8_t>();
    for (auto ranges = take.number<std::uint32_t>(); ranges > 0 && take.ok; --ranges) {
      const auto first = take.number<std::uint32_t>(), last = take.number<std::uint32_t>();
      if (take.ok) action.uids.add(imap::Uid(first), imap::Uid(last));
    }
    action.flags = take_flags(bits, take.text);
    if (take.ok) out.push_back(std::move(action));
  });
  return out;
}

void Journal::put_flag_intents(store::StateBatch& batch, std::uint32_t mailbox,
                               const std::vector<FlagAction>& actions) const {
  std::uint32_t number = 0;
  for (const auto& action : actions) {
    auto name = key('f', mailbox);
    put<std::uint32_t>(name, number++);
    std::string value;
    put<std::uint8_t>(value, action.side == Side::Local ? 0 : 1);
    put<std::uint8_t>(value, action.change == imap::FlagChange::Add ? 0 : 1);
    put<std::uint8_t>(value, action.flags.system_bits());
    put<std::uint32_t>(value, static_cast<std::uint32_t>(action.uids.ranges().size()));
    for (const auto& range : action.uids.ranges()) {
      put<std::uint32_t>(value, range.first);
      put<std::uint32_t>(value, range.last);
    }
    put_keywords(value, action.flags);
    batch.put(std::move(name), std::move(value));
  }
}

void Journal::erase_flag_intents(store::StateBatch& batch, std::uint32_t mailbox, std::size_t count) const {
  for (std::uint32_t number = 0; number < count; ++number) {
    auto name = key('f', mailbox);
    put<std::uint32_t>(name, number);
    batch.erase(std::move(name));
  }
}

void Journal::for_each_message(const std::string& prefix, const MessageRecord& f) {
  storage_->for_each(prefix, [&](std::string_view key, std::string_view value) {
    Take name{key.substr(prefix_.size() + 1)};
    const auto mailbox = name.number<std::uint32_t>();
    const auto side = name.number<std::uint8_t>() == 0 ? Side::Local : Side::Remote;
    const auto uid = imap::Uid(name.number<std::uint32_t>());
    if (name.ok) f(mailbox, {side, uid}, value);
  });
}

namespace {

std::optional<Held> decode_held(std::string_view value) {
  Take take{value};
  Held out;
  const auto kind = take.number<std::uint8_t>();
  out.kind = kind == 1 || kind == 4 ? Held::Kind::Lost : Held::Kind::Refused;
  if (kind == 2 || kind == 3) {
    out.tries = take.number<std::uint32_t>();
    out.next_try = static_cast<std::int64_t>(take.number<std::uint64_t>());
  }
  if (const auto end = take.text.find('\0'); kind >= 3 && end != std::string_view::npos) {
    out.name = take.text.substr(0, end);
    take.text.remove_prefix(end + 1);
  }
  out.why = take.text;
  return take.ok ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<Absence> decode_absence(std::string_view value) {
  Take take{value};
  Absence out;
  const auto kind = take.number<std::uint8_t>();
  using Kind = Absence::Kind;
  out.kind = kind == 2 ? Kind::Allowed : kind == 3 ? Kind::Leaves : kind == 0 ? Kind::Waits : Kind::Held;
  out.since = static_cast<std::int64_t>(take.number<std::uint64_t>());
  return take.ok ? std::optional(out) : std::nullopt;
}

}  // namespace

std::map<std::uint32_t, HeldMessages> Journal::all_held() {
  std::map<std::uint32_t, HeldMessages> out;
  for_each_message(prefix_ + 'h', [&](std::uint32_t mailbox, auto message, std::string_view value) {
    if (auto held = decode_held(value)) out[mailbox].emplace(message, std::move(*held));
  });
  return out;
}

HeldMessages Journal::held(std::uint32_t mailbox) {
  HeldMessages out;
  for_each_message(key('h', mailbox), [&](std::uint32_t, auto message, std::string_view value) {
    if (auto held = decode_held(value)) out.emplace(message, std::move(*held));
  });
  return out;
}

void Journal::put_held(store::StateBatch& batch, std::uint32_t mailbox, Side side, imap::Uid uid,
                       const Held& held) const {
  std::string value;
  const std::uint8_t named = held.name.empty() ? 0 : 1;
  put<std::uint8_t>(value, held.kind == Held::Kind::Lost ? 1 + 3 * named : 2 + named);
  if (held.kind == Held::Kind::Refused) {
    put<std::uint32_t>(value, held.tries);
    put<std::uint64_t>(value, static_cast<std::uint64_t>(held.next_try));
  }
  if (named != 0) value += held.name + '\0';
  batch.put(message_key('h', mailbox, side, uid), value + held.why);
}

void Journal::erase_held(store::StateBatch& batch, std::uint32_t mailbox, Side side, imap::Uid uid) const {
  batch.erase(message_key('h', mailbox, side, uid));
}

imap::UidSet Journal::set_aside(std::uint32_t mailbox, Side side) {
  imap::UidSet out;
  storage_->for_each(side_key('d', mailbox, side), [&](std::string_view, std::string_view value) {
    Take take{value};
    while (!take.text.empty() && take.ok) {
      const auto first = take.number<std::uint32_t>(), last = take.number<std::uint32_t>();
      if (take.ok) out.add(imap::Uid(first), imap::Uid(last));
    }
  });
  return out;
}

void Journal::put_set_aside(store::StateBatch& batch, std::uint32_t mailbox, Side side,
                            const imap::UidSet& uids) const {
  std::string value;
  for (const auto& range : uids.ranges()) {
    put<std::uint32_t>(value, range.first);
    put<std::uint32_t>(value, range.last);
  }
  batch.put(side_key('d', mailbox, side), std::move(value));
}

void Journal::erase_set_aside(store::StateBatch& batch, std::uint32_t mailbox, Side side) const {
  batch.erase(side_key('d', mailbox, side));
}

void Journal::forget_pairs(const MailboxRecord& mailbox) {
  if (set_aside(mailbox.number, Side::Local).empty() && set_aside(mailbox.number, Side::Remote).empty())
    return forget_mailbox(mailbox.number);
  store::StateBatch batch;
  for (const char kind : {'p', 'i', 'f', 'h', 'a', 'e'})
    storage_->for_each(key(kind, mailbox.number),
                       [&](std::string_view key, std::string_view) { batch.erase(std::string(key)); });
  auto record = mailbox;
  record.local.modseq = record.remote.modseq = imap::ModSeq(0);
  put_mailbox(batch, record);
  batch.put(key('u', mailbox.number), {});
  storage_->write(batch, true);
}

std::map<std::uint32_t, Absences> Journal::all_absences() {
  std::map<std::uint32_t, Absences> out;
  for_each_message(prefix_ + 'a', [&](std::uint32_t mailbox, auto message, std::string_view value) {
    if (const auto absence = decode_absence(value)) out[mailbox].emplace(message, *absence);
  });
  return out;
}

Absences Journal::absences(std::uint32_t mailbox) {
  Absences out;
  for_each_message(key('a', mailbox), [&](std::uint32_t, auto message, std::string_view value) {
    if (const auto absence = decode_absence(value)) out.emplace(message, *absence);
  });
  return out;
}

void Journal::put_absence(store::StateBatch& batch, std::uint32_t mailbox, Side side, imap::Uid uid,
                          const Absence& absence) const {
  std::string value;
  put<std::uint8_t>(value, static_cast<std::uint8_t>(absence.kind));
  put<std::uint64_t>(value, static_cast<std::uint64_t>(absence.since));
  batch.put(message_key('a', mailbox, side, uid), std::move(value));
}

void Journal::erase_absence(store::StateBatch& batch, std::uint32_t mailbox, Side side, imap::Uid uid) const {
  batch.erase(message_key('a', mailbox, side, uid));
}

ComparedTexts Journal::compared(std::uint32_t mailbox) {
  ComparedTexts out;
  const auto prefix = key('t', mailbox);
  storage_->for_each(prefix, [&](std::string_view key, std::string_view value) {
    Take name{key.substr(prefix.size())}, take{value};
    const imap::Uid remote(name.number<std::uint32_t>());
    ComparedText text;
    text.uid_validity = imap::UidValidity(take.number<std::uint32_t>());
    text.size = take.number<std::uint64_t>();
    text.digest = take.octets(16);
    if (name.ok && take.ok) out.emplace(remote, std::move(text));
  });
  return out;
}

void Journal::put_compared(store::StateBatch& batch, std::uint32_t mailbox, imap::Uid remote,
                           const ComparedText& text) const {
  std::string value;
  put<std::uint32_t>(value, text.uid_validity.value);
  put<std::uint64_t>(value, text.size);
  batch.put(remote_key('t', mailbox, remote), value + text.digest);
}

void Journal::erase_compared(store::StateBatch& batch, std::uint32_t mailbox, imap::Uid remote) const {
  batch.erase(remote_key('t', mailbox, remote));
}

ObjectIds Journal::object_ids(std::uint32_t mailbox, imap::UidValidity validity) {
  ObjectIds out;
  const auto prefix = key('e', mailbox);
  storage_->for_each(prefix, [&](std::string_view key, std::string_view value) {
    Take name{key.substr(prefix.size())}, take{value};
    const imap::Uid remote(name.number<std::uint32_t>());
    const bool same = imap::UidValidity(take.number<std::uint32_t>()) == validity;
    if (name.ok && take.ok && same) out.emplace(remote, take.text);
  });
  return out;
}

void Journal::put_object_id(store::StateBatch& batch, std::uint32_t mailbox, imap::UidValidity validity,
                            imap::Uid remote, const std::string& id) const {
  std::string value;
  put<std::uint32_t>(value, validity.value);
  batch.put(remote_key('e', mailbox, remote), value + id);
}

KnownDates Journal::known_dates(std::uint32_t mailbox) {
  KnownDates out;
  const auto prefix = key('w', mailbox);
  storage_->for_each(prefix, [&](std::string_view key, std::string_view value) {
    Take name{key.substr(prefix.size())}, take{value};
    const imap::Uid remote(name.number<std::uint32_t>());
    OtherDates dates;
    dates.uid_validity = imap::UidValidity(take.number<std::uint32_t>());
    dates.here = static_cast<std::int64_t>(take.number<std::uint64_t>());
    dates.there = static_cast<std::int64_t>(take.number<std::uint64_t>());
    if (name.ok && take.ok) out.emplace(remote, dates);
  });
  return out;
}

void Journal::put_known_dates(store::StateBatch& batch, std::uint32_t mailbox, imap::Uid remote,
                              const OtherDates& dates) const {
  std::string value;
  put<std::uint32_t>(value, dates.uid_validity.value);
  put<std::uint64_t>(value, static_cast<std::uint64_t>(dates.here));
  put<std::uint64_t>(value, static_cast<std::uint64_t>(dates.there));
  batch.put(remote_key('w', mailbox, remote), std::move(value));
}

void Journal::erase_known_dates(store::StateBatch& batch, std::uint32_t mailbox, imap::Uid remote) const {
  batch.erase(remote_key('w', mailbox, remote));
}

std::string Journal::remote_key(char kind, std::uint32_t mailbox, imap::Uid remote) const {
  auto out = key(kind, mailbox);
  put<std::uint32_t>(out, remote.value);
  return out;
}

std::string Journal::side_key(char kind, std::uint32_t mailbox, Side side) const {
  auto out = key(kind, mailbox);
  put<std::uint8_t>(out, side == Side::Local ? 0 : 1);
  return out;
}

std::string Journal::message_key(char kind, std::uint32_t mailbox, Side side, imap::Uid uid) const {
  auto out = side_key(kind, mailbox, side);
  put<std::uint32_t>(out, uid.value);
  return out;
}

}  // namespace mirror
