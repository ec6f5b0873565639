// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// SEARCH: each message is asked in the order of cost: what the row knows, then headers, then texts.
#include <algorithm>
#include <map>

#include "proto/mail/charset.h"
#include "proto/mail/header.h"
#include "proto/mail/search_text.h"
#include "store/mailbox/mailbox_impl.h"

namespace store {

namespace {

using Kind = imap::SearchKey::Kind;

// A key with its texts folded once.
struct Prepared {
  const imap::SearchKey* key;
  std::string folded;
  int cost = 0;
  std::vector<Prepared> children;
};

int cost_of(Kind kind) {
  switch (kind) {
    case Kind::Body:
    case Kind::Text: return 3;
    case Kind::Header:
    case Kind::Bcc:
    case Kind::Cc:
    case Kind::From:
    case Kind::Subject:
    case Kind::To:
    case Kind::SentBefore:
    case Kind::SentOn:
    case Kind::SentSince: return 2;
    case Kind::Before:
    case Kind::Larger:
    case Kind::On:
    case Kind::Since:
    case Kind::Smaller: return 1;
    default: return 0;
  }
}

Prepared prepare(const imap::SearchKey& key) {
  Prepared out{&key, mail::fold_case(key.text), cost_of(key.kind), {}};
  for (const auto& child : key.children) {
    out.children.push_back(prepare(child));
    out.cost = std::max(out.cost, out.children.back().cost);
  }
  if (key.kind == Kind::And || key.kind == Kind::Or) std::ranges::sort(out.children, {}, &Prepared::cost);
  return out;
}

class Matcher {
 public:
  Matcher(const Message& message, ContentReader& reader) : message_(message), reader_(reader) {}

  bool matches(const Prepared& prepared) {
    const auto& key = *prepared.key;
    switch (key.kind) {
      case Kind::All: return true;
      case Kind::And: return std::ranges::all_of(prepared.children, [this](const Prepared& c) { return matches(c); });
      case Kind::Or: return std::ranges::any_of(prepared.children, [this](const Prepared& c) { return matches(c); });
      case Kind::Not: return !matches(prepared.children.at(0));
      case Kind::Uids: return key.uids.contains(message_.uid);
      case Kind::HasFlag: return message_.flags.has(key.flag);
      case Kind::Keyword: return message_.flags.has(key.text);
      case Kind::ModSeq: return message_.modseq.value >= key.number;
      case Kind::Larger: return size() > key.number;
      case Kind::Smaller: return size() < key.number;
      case Kind::Before: return imap::local_date(message_.internal_date) < key.date;
      case Kind::On: return imap::local_date(message_.internal_date) == key.date;
      case Kind::Since: return imap::local_date(message_.internal_date) >= key.date;
      case Kind::SentBefore:
      case Kind::SentOn:
      case Kind::SentSince: return matches_sent(key);
      case Kind::Header: return header_holds(key.field, prepared.folded);
      case Kind::Bcc: return header_holds("bcc", prepared.folded, shape_addresses);
      case Kind::Cc: return header_holds("cc", prepared.folded, shape_addresses);
      case Kind::From: return header_holds("from", prepared.folded, shape_addresses);
      case Kind::Subject: return header_holds("subject", prepared.folded, shape_subject);
      case Kind::To: return header_holds("to", prepared.folded, shape_addresses);
      case Kind::Body: return prepared.folded.empty() || text().in_bodies(prepared.folded);
      case Kind::Text: return prepared.folded.empty() || text().in_text(prepared.folded);
      case Kind::Messages:
      case Kind::Recent: return false;  // replaced by Uids before
    }
    return false;
  }

 private:
  std::uint64_t size() { return message_.size ? *message_.size : reader_.size(message_.uid).value_or(0); }

  const std::string& header() {
    if (!header_) header_ = reader_.header(message_.uid).value_or("");
    return *header_;
  }

  // A message without a date that can be read counts as sent at the beginning of time, as Dovecot has it.
  bool matches_sent(const imap::SearchKey& key) {
    imap::Date date;
    mail::for_each_field(header(), [&](const mail::HeaderField& field) {
      if (!imap::equal_ignoring_case(field.name, "date")) return true;
      date = mail::sent_date(field.value).value_or(date);
      return false;
    });
    if (key.kind == Kind::SentBefore) return date < key.date;
    return key.kind == Kind::SentOn ? date == key.date : date >= key.date;
  }

  using Shape = std::string (*)(std::string_view value);
  static std::string shape_addresses(std::string_view value) {
    return mail::print_addresses(mail::parse_addresses(mail::one_line(value)));
  }
  static std::string shape_subject(std::string_view value) {
    auto out = imap::collapse_spaces(value);
    if (!value.empty() && !out.empty() && std::string_view(" \t\r\n").contains(value.back())) out += ' ';
    return out;
  }

  bool header_holds(std::string_view name, const std::string& folded, Shape shape = mail::one_line) {
    bool found = false;
    mail::for_each_field(header(), [&](const mail::HeaderField& field) {
      if (!imap::equal_ignoring_case(field.name, name)) return true;
      auto text = mail::fold_case(mail::decode_words(shape(field.value)));
      if (field.whole.ends_with('\n')) text += "\r\n";
      found = text.contains(folded);
      return !found;
    });
    return found;
  }

  mail::SearchText& text() {
    if (!text_) {
      const auto whole = reader_.section(message_.uid, {});
      if (whole) {
        octets_.reserve(whole->octets.size());
        whole->octets.append_to(octets_, 0, whole->octets.size());
      }
      text_.emplace(octets_);
    }
    return *text_;
  }

  const Message& message_;
  ContentReader& reader_;
  std::optional<std::string> header_;
  std::string octets_;
  std::optional<mail::SearchText> text_;
};

}  // namespace

std::vector<imap::Uid> MailboxImpl::search(const imap::SearchKey& key, const imap::UidSet& among,
                                           const std::function<bool()>& stop) {
  std::vector<imap::Uid> out;
  const auto prepared = prepare(key);
  const auto content = reader();
  constexpr std::size_t kSlice = 512;
  imap::UidSet slice;
  const auto search_slice = [&] {
    if (stop && stop()) throw SearchStopped{};
    for (const auto& message : messages(slice))
      if (Matcher(message, *content).matches(prepared)) out.push_back(message.uid);
    slice = {};
  };
  std::size_t count = 0;
  for (const auto uid : uids()) {
    if (!among.contains(uid)) continue;
    slice.add(uid);
    if (++count % kSlice == 0) search_slice();
  }
  search_slice();
  return out;
}

}  // namespace store
