// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mailbox/search/kept_texts.h"

#include <string_view>

#include "store/mailbox/mailbox_impl.h"
#include "store/mailbox/search/key_reader.h"

namespace store {

namespace {

constexpr std::size_t kFew = 200;  // messages, before a column is read for them

std::optional<mail::SearchTexts::Field> field_of(imap::SearchKey::Kind kind) {
  using Kind = imap::SearchKey::Kind;
  switch (kind) {
    case Kind::Subject: return mail::SearchTexts::Subject;
    case Kind::From: return mail::SearchTexts::From;
    case Kind::To: return mail::SearchTexts::To;
    case Kind::Cc: return mail::SearchTexts::Cc;
    case Kind::Bcc: return mail::SearchTexts::Bcc;
    default: return std::nullopt;
  }
}

// A field's line end is not kept, and NUL parts the fields.
bool can_be_looked_up(const std::string& folded) {
  return folded.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos;
}

}  // namespace

std::optional<bool> KeptTexts::matches(const imap::SearchKey& key, imap::Uid uid, KeyReader& reader) {
  const auto field = field_of(key.kind);
  if (!field || !can_be_looked_up(key.text)) return std::nullopt;
  auto& text = texts_[&key];
  text.field = *field;
  if (!text.column && !text.too_much) take_column(text, key.text);
  if (text.column) {
    const auto place = text.place->find(uid);
    if (place != ColumnPlace::kNowhere)
      return text.column->too_long[place] ? std::nullopt : std::optional<bool>(text.holding[place]);
  }
  ++text.looked_up;
  const auto kept = reader.search_text(uid, *field);
  if (!kept) return std::nullopt;
  return key.text.empty() ? !kept->empty() : kept->contains(key.text);
}

void KeptTexts::take_column(Text& text, const std::string& folded) {
  auto& columns = mailbox_.columns();
  if (text.looked_up == 0) text.column = columns.texts_at_hand(text.field, last_);
  if (!text.column && text.looked_up >= kFew) {
    text.column = columns.texts(text.field, last_, stop_);
    text.too_much = !text.column;
  }
  if (!text.column) return;
  text.holding = text.column->holding(folded);
  text.place.emplace(text.column->uids);
}

}  // namespace store
