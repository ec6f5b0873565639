// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// SEARCH: each message is asked in the order of cost: what the row knows, then headers, then texts.
#include <algorithm>
#include <map>

#include "store/charset.h"
#include "store/header.h"
#include "store/mailbox_impl.h"
#include "store/mime.h"

namespace store {

namespace {

using Kind = imap::SearchKey::Kind;

// The day in a Date field, without regard to its time and zone. nullopt: none that can be read.
std::optional<imap::Date> sent_date(std::string_view value) {
  auto text = strip_comments(value);
  if (const auto comma = text.find(','); comma != std::string::npos) text.erase(0, comma + 1);
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size() && words.size() < 3;) {
    const auto end = std::min(text.find_first_of(" \t-", at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  if (words.size() < 3) return std::nullopt;
  auto year = words[2];
  if (year.size() == 2) year = (year < "50" ? "20" : "19") + year;
  return imap::parse_date(words[0] + "-" + words[1].substr(0, 3) + "-" + year);
}

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
    case Kind::On:
    case Kind::Since: return 1;
    default: return 0;
  }
}

Prepared prepare(const imap::SearchKey& key) {
  Prepared out{&key, fold_case(key.text), cost_of(key.kind), {}};
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
      case Kind::Larger: return message_.size > key.number;
      case Kind::Smaller: return message_.size < key.number;
      case Kind::Before: return imap::local_date(message_.internal_date) < key.date;
      case Kind::On: return imap::local_date(message_.internal_date) == key.date;
      case Kind::Since: return imap::local_date(message_.internal_date) >= key.date;
      case Kind::SentBefore:
      case Kind::SentOn:
      case Kind::SentSince: return matches_sent(key);
      case Kind::Header: return header_holds(key.field, prepared.folded);
      case Kind::Bcc: return header_holds("bcc", prepared.folded);
      case Kind::Cc: return header_holds("cc", prepared.folded);
      case Kind::From: return header_holds("from", prepared.folded);
      case Kind::Subject: return header_holds("subject", prepared.folded);
      case Kind::To: return header_holds("to", prepared.folded);
      case Kind::Body: return text_holds(prepared.folded, false);
      case Kind::Text: return text_holds(prepared.folded, true);
      case Kind::Messages:
      case Kind::Recent: return false;  // replaced by Uids before
    }
    return false;
  }

 private:
  const std::string& header() {
    if (!header_) header_ = reader_.header(message_.uid).value_or("");
    return *header_;
  }

  bool matches_sent(const imap::SearchKey& key) {
    std::optional<imap::Date> date;
    for_each_field(header(), [&](const HeaderField& field) {
      if (!imap::equal_ignoring_case(field.name, "date")) return true;
      date = sent_date(field.value);
      return false;
    });
    if (!date) return false;
    if (key.kind == Kind::SentBefore) return *date < key.date;
    return key.kind == Kind::SentOn ? *date == key.date : *date >= key.date;
  }

  static bool holds(std::string_view value, const std::string& folded) {
    return fold_case(decode_words(unfold(value))).find(folded) != std::string::npos;
  }

  bool header_holds(std::string_view name, const std::string& folded) {
    bool found = false;
    for_each_field(header(), [&](const HeaderField& field) {
      if (imap::equal_ignoring_case(field.name, name)) found = folded.empty() || holds(field.value, folded);
      return !found;
    });
    return found;
  }

  bool text_holds(const std::string& folded, bool with_headers) {
    if (folded.empty()) return true;
    if (!parsed_) {
      const auto whole = reader_.section(message_.uid, {});
      if (whole) whole->octets.append_to(text_, 0, whole->octets.size());
      part_ = parse_message(text_);
      parsed_ = true;
    }
    return part_holds(part_, folded, with_headers, true);
  }

  bool part_holds(const Part& part, const std::string& folded, bool with_header, bool top) {
    const std::string_view text = text_;
    if (with_header || !top) {
      const auto block = text.substr(part.header_at, part.header_size);
      bool found = false;
      for_each_field(block, [&](const HeaderField& field) {
        found = fold_case(std::string(field.name) + ": " + decode_words(unfold(field.value))).find(folded) !=
                std::string::npos;
        return !found;
      });
      if (found) return true;
    }
    if (!part.children.empty())
      return std::ranges::any_of(part.children,
                                 [&](const Part& child) { return part_holds(child, folded, with_header, false); });
    const auto& data = part.data;
    if (!imap::equal_ignoring_case(data.type, "text") && !imap::equal_ignoring_case(data.type, "message")) return false;
    const auto charset = std::ranges::find_if(
        data.parameters, [](const auto& p) { return imap::equal_ignoring_case(p.first, "charset"); });
    const auto octets = decode_transfer(data.encoding, text.substr(part.body_at, part.body_size));
    const auto utf8 = to_utf8(charset == data.parameters.end() ? "" : charset->second, octets);
    return fold_case(utf8 ? *utf8 : octets).find(folded) != std::string::npos;
  }

  const Message& message_;
  ContentReader& reader_;
  std::optional<std::string> header_;
  bool parsed_ = false;
  std::string text_;
  Part part_;
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
