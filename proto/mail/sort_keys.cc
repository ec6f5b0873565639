// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/mail/sort_keys.h"

#include <algorithm>

#include "proto/base/big_endian.h"
#include "proto/flags.h"
#include "proto/mail/base_subject.h"
#include "proto/mail/charset.h"
#include "proto/mail/collation.h"
#include "proto/mail/digest.h"
#include "proto/mail/header.h"
#include "proto/mail/message_id.h"
#include "proto/mail/sent_date.h"

namespace mail {

namespace {

// The first field of each name that is looked at.
struct FirstFields {
  std::optional<std::string_view> date, subject, from, to, cc, message_id, in_reply_to, references;

  void note(const HeaderField& field) {
    struct Row {
      std::string_view name;
      std::optional<std::string_view> FirstFields::* value;
    };
    static constexpr Row kRows[] = {
        {"date", &FirstFields::date},
        {"subject", &FirstFields::subject},
        {"from", &FirstFields::from},
        {"to", &FirstFields::to},
        {"cc", &FirstFields::cc},
        {"message-id", &FirstFields::message_id},
        {"in-reply-to", &FirstFields::in_reply_to},
        {"references", &FirstFields::references},
    };
    for (const auto& row : kRows)
      if (imap::equal_ignoring_case(field.name, row.name) && !(this->*row.value)) this->*row.value = field.value;
  }
};

struct SearchField {
  std::string_view name;
  SearchTexts::Field field;
};
constexpr SearchField kSearchFields[] = {{"subject", SearchTexts::Subject},
                                         {"from", SearchTexts::From},
                                         {"to", SearchTexts::To},
                                         {"cc", SearchTexts::Cc},
                                         {"bcc", SearchTexts::Bcc}};

void note_search_text(SearchTexts& out, const HeaderField& field) {
  for (const auto& row : kSearchFields) {
    if (!imap::equal_ignoring_case(field.name, row.name)) continue;
    auto& text = out.fields[row.field];
    text += row.field == SearchTexts::Subject ? search_subject(field.value) : search_addresses(field.value);
    text += '\0';
  }
}

std::string key_of(std::string_view text) {
  auto out = collation_key(text.substr(0, std::min(text.find('\0'), kLongestSortText)));
  out.resize(std::min(out.size(), kLongestSortText));
  return out;
}

// A group's name stands where an address has its mailbox.
void read_address(std::optional<std::string_view> value, std::string& mailbox, std::string* display) {
  if (!value) return;
  const auto addresses = parse_addresses(*value);
  if (addresses.empty()) return;
  const auto& first = addresses.front();
  mailbox = key_of(first.mailbox.value_or(""));
  if (display == nullptr) return;
  std::string name;
  decode_sorted_words(first.name.value_or(""), [&](const SortedPiece& piece) { name += piece.utf8; });
  if (name.empty()) name = first.mailbox.value_or("") + (first.host ? "@" + *first.host : "");
  *display = key_of(name);
}

class Hashes {
 public:
  std::uint64_t operator()(std::string_view text) {
    hash_.add(text);
    const auto digest = hash_.finish();
    return std::max<std::uint64_t>(base::get_big_endian<std::uint64_t>(digest), 1);
  }

 private:
  Sha256 hash_;
};

void read_references(const FirstFields& fields, Hashes& hash, ThreadKeys& out) {
  if (const auto id = MessageIds(fields.message_id.value_or("")).next()) out.id = hash(*id);
  MessageIds references(fields.references.value_or(""));
  while (out.references.size() < kMostReferences) {
    const auto id = references.next();
    if (!id) break;
    out.references.push_back(hash(*id));
  }
  if (!out.references.empty()) return;
  if (const auto id = MessageIds(fields.in_reply_to.value_or("")).next()) out.references.push_back(hash(*id));
}

}  // namespace

std::string search_addresses(std::string_view value) {
  return fold_case(decode_words(print_addresses(parse_addresses(one_line(value)))));
}

std::string search_subject(std::string_view value) {
  auto out = imap::collapse_spaces(value);
  if (!value.empty() && !out.empty() && std::string_view(" \t\r\n").contains(value.back())) out += ' ';
  return fold_case(decode_words(out));
}

SortKeys sort_keys_of(std::string_view header) {
  SortKeys out;
  FirstFields fields;
  for_each_field(header, [&](const HeaderField& field) {
    fields.note(field);
    note_search_text(out.search, field);
    return true;
  });
  Hashes hash;
  if (fields.subject) {
    auto base = base_subject(*fields.subject);
    out.thread.is_reply_or_forward = base.is_reply_or_forward;
    if (!base.text.empty()) out.thread.subject = hash(base.text);
    base.text.resize(std::min(base.text.size(), kLongestSortText));
    out.texts.subject = std::move(base.text);
  }
  if (fields.date) out.thread.date = sorted_date(*fields.date);
  read_address(fields.from, out.texts.from, &out.texts.display_from);
  read_address(fields.to, out.texts.to, &out.texts.display_to);
  read_address(fields.cc, out.texts.cc, nullptr);
  read_references(fields, hash, out.thread);
  return out;
}

}  // namespace mail
