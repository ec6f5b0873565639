// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// SEARCH: each message is asked in the order of cost: what the row knows, then texts that are kept, then headers, then
// bodies.
#include <algorithm>
#include <iterator>

#include "proto/base/clock.h"
#include "proto/mail/charset.h"
#include "proto/mail/header.h"
#include "proto/mail/search_text.h"
#include "proto/mail/sent_date.h"
#include "proto/mail/sort_keys.h"
#include "proto/search/search_evaluator.h"
#include "store/mailbox/mailbox_impl.h"
#include "store/mailbox/search/kept_texts.h"
#include "store/mailbox/search/key_reader.h"

namespace store {

namespace {

using Kind = imap::SearchKey::Kind;

int cost_of(Kind kind) {
  switch (kind) {
    case Kind::Body:
    case Kind::Text: return 4;
    case Kind::Header:
    case Kind::SentBefore:
    case Kind::SentOn:
    case Kind::SentSince: return 3;
    case Kind::Bcc:
    case Kind::Cc:
    case Kind::From:
    case Kind::Subject:
    case Kind::To: return 2;
    case Kind::Before:
    case Kind::Larger:
    case Kind::Older:
    case Kind::On:
    case Kind::Since:
    case Kind::Smaller:
    case Kind::Younger: return 1;
    default: return 0;
  }
}

// Texts are folded; OLDER and YOUNGER become the time that they mean now.
imap::SearchKey prepared(const imap::SearchKey& key) {
  auto out = key;
  const auto now = static_cast<std::uint64_t>(base::unix_now());
  imap::for_each_key(out, [now](imap::SearchKey& k) {
    if (k.kind != Kind::Keyword) k.text = mail::fold_case(k.text);
    if (k.kind == Kind::Older || k.kind == Kind::Younger) k.number = now - k.number;
  });
  return out;
}

// Answers for one message the keys that have no children; they must be prepared.
class Matcher {
 public:
  Matcher(const Message& message, KeyReader& reader, KeptTexts& kept)
      : message_(message), reader_(reader), kept_(kept) {}

  bool matches(const imap::SearchKey& key) {
    switch (key.kind) {
      case Kind::All: return true;
      case Kind::Uids: return key.uids.contains(message_.uid);
      case Kind::HasFlag: return message_.flags.has(key.flag);
      case Kind::Keyword: return message_.flags.has(key.text);
      case Kind::ModSeq: return message_.modseq.value >= key.number;
      case Kind::Larger: return size() > key.number;
      case Kind::Smaller: return size() < key.number;
      case Kind::Older: return message_.internal_date <= static_cast<std::int64_t>(key.number);
      case Kind::Younger: return message_.internal_date >= static_cast<std::int64_t>(key.number);
      case Kind::Before: return imap::local_date(message_.internal_date) < key.date;
      case Kind::On: return imap::local_date(message_.internal_date) == key.date;
      case Kind::Since: return imap::local_date(message_.internal_date) >= key.date;
      case Kind::SentBefore:
      case Kind::SentOn:
      case Kind::SentSince: return matches_sent(key);
      case Kind::Header: return header_holds(key.field, key.text);
      case Kind::Bcc: return kept_holds(key, "bcc", mail::search_addresses);
      case Kind::Cc: return kept_holds(key, "cc", mail::search_addresses);
      case Kind::From: return kept_holds(key, "from", mail::search_addresses);
      case Kind::Subject: return kept_holds(key, "subject", mail::search_subject);
      case Kind::To: return kept_holds(key, "to", mail::search_addresses);
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

  using Fold = std::string (*)(std::string_view value);
  static std::string fold_line(std::string_view value) {
    return mail::fold_case(mail::decode_words(mail::one_line(value)));
  }

  // What is kept of a file that may still grow is not its whole text.
  bool kept_holds(const imap::SearchKey& key, std::string_view name, Fold fold) {
    const auto kept = message_.complete ? kept_.matches(key, message_.uid, reader_) : std::nullopt;
    return kept ? *kept : header_holds(name, key.text, fold);
  }

  bool header_holds(std::string_view name, const std::string& folded, Fold fold = fold_line) {
    bool found = false;
    mail::for_each_field(header(), [&](const mail::HeaderField& field) {
      if (!imap::equal_ignoring_case(field.name, name)) return true;
      auto text = fold(field.value);
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
  KeyReader& reader_;
  KeptTexts& kept_;
  std::optional<std::string> header_;
  std::string octets_;
  std::optional<mail::SearchText> text_;
};

}  // namespace

std::vector<imap::Uid> MailboxImpl::search(const imap::SearchKey& key, const imap::UidSet& among,
                                           const std::function<bool()>& stop) {
  std::vector<imap::Uid> out;
  const auto all = uids();
  if (among.empty() || all.empty()) return out;
  if (key.kind == Kind::All) {
    std::ranges::copy_if(all, std::back_inserter(out), [&](imap::Uid uid) { return among.contains(uid); });
    return out;
  }
  const auto wanted = prepared(key);
  imap::SearchEvaluator evaluator(wanted, cost_of);
  const auto content = key_reader();
  KeptTexts kept(*this, std::min(among.max(), all.back()), stop);
  constexpr std::size_t kSlice = 512;
  imap::UidSet slice, elsewhere;
  const auto search_slice = [&] {
    if (stop && stop()) throw SearchStopped{};
    for (const auto& message : messages(slice)) try {
        Matcher matcher(message, *content, kept);
        const auto found =
            evaluator.evaluate([&](const imap::SearchKey& k) { return imap::truth(matcher.matches(k)); });
        if (found == imap::Truth::Yes) out.push_back(message.uid);
      } catch (const TextElsewhere&) {  // all that would have to be waited for are told at once
        elsewhere.add(message.uid);
      }
    slice = {};
  };
  std::size_t count = 0;
  for (const auto uid : all) {
    if (!among.contains(uid)) continue;
    slice.add(uid);
    if (++count % kSlice == 0) search_slice();
  }
  search_slice();
  if (!elsewhere.empty()) throw TextElsewhere(std::move(elsewhere));
  return out;
}

}  // namespace store
