// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// SEARCH: each message is asked in the order of cost: what the row knows, then headers, then texts.
#include <algorithm>

#include "proto/mail/charset.h"
#include "proto/mail/header.h"
#include "proto/mail/search_text.h"
#include "proto/mail/sent_date.h"
#include "proto/search/search_evaluator.h"
#include "store/mailbox/mailbox_impl.h"

namespace store {

namespace {

using Kind = imap::SearchKey::Kind;

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

imap::SearchKey with_texts_folded(const imap::SearchKey& key) {
  auto out = key;
  imap::for_each_key(out, [](imap::SearchKey& k) {
    if (k.kind != Kind::Keyword) k.text = mail::fold_case(k.text);
  });
  return out;
}

// Answers for one message the keys that have no children; their texts must be folded.
class Matcher {
 public:
  Matcher(const Message& message, ContentReader& reader) : message_(message), reader_(reader) {}

  bool matches(const imap::SearchKey& key) {
    switch (key.kind) {
      case Kind::All: return true;
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
      case Kind::Header: return header_holds(key.field, key.text);
      case Kind::Bcc: return header_holds("bcc", key.text, shape_addresses);
      case Kind::Cc: return header_holds("cc", key.text, shape_addresses);
      case Kind::From: return header_holds("from", key.text, shape_addresses);
      case Kind::Subject: return header_holds("subject", key.text, shape_subject);
      case Kind::To: return header_holds("to", key.text, shape_addresses);
      case Kind::Body: return key.text.empty() || text().in_bodies(key.text);
      case Kind::Text: return key.text.empty() || text().in_text(key.text);
      case Kind::And:
      case Kind::Or:
      case Kind::Not:  // SearchEvaluator's
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
  const auto folded = with_texts_folded(key);
  imap::SearchEvaluator evaluator(folded, cost_of);
  const auto content = reader();
  constexpr std::size_t kSlice = 512;
  imap::UidSet slice;
  const auto search_slice = [&] {
    if (stop && stop()) throw SearchStopped{};
    for (const auto& message : messages(slice)) {
      Matcher matcher(message, *content);
      const auto found = evaluator.evaluate([&](const imap::SearchKey& k) { return imap::truth(matcher.matches(k)); });
      if (found == imap::Truth::Yes) out.push_back(message.uid);
    }
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
