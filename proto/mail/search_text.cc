// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/mail/search_text.h"

#include <algorithm>

#include "proto/flags.h"
#include "proto/mail/charset.h"
#include "proto/mail/header.h"
#include "proto/mail/header_tokens.h"

namespace mail {

namespace {

bool is(std::string_view a, std::string_view b) { return imap::equal_ignoring_case(a, b); }

void list_parts(const Part& part, std::vector<const Part*>& out) {
  out.push_back(&part);
  for (const auto& child : part.children) list_parts(child, out);
}

// What a header says of how its body is to be read.
struct Reading {
  bool text = true;
  std::string charset;
  std::string encoding = "7bit";
  bool typed = false;

  void note(const HeaderField& field) {
    if (is(field.name, "content-type")) {
      const auto type = parse_content_type(field.value);
      text = !type.subtype.empty() && (is(type.type, "text") || is(type.type, "message"));
      const auto* named = type.parameter("charset");
      if (!typed && named) charset = *named;
      typed = true;
    } else if (is(field.name, "content-transfer-encoding")) {
      HeaderTokens tokens(field.value);
      tokens.skip_space();
      encoding.clear();
      const auto after = tokens.mime_token(encoding);
      if (after == HeaderTokens::Ahead::More && !tokens.sees(';')) encoding = "unknown";
    }
  }
};

// The name, what stands between it and the value, the value in one line, and a line end.
void append_field(std::string& out, const HeaderField& field) {
  append_folded(out, field.whole.substr(0, static_cast<std::size_t>(field.value.data() - field.whole.data())));
  if (field.value.starts_with(' ') || field.value.starts_with('\t')) out += field.value[0];
  append_folded(out, decode_words(one_line(field.value)));
  if (field.whole.ends_with('\n')) out += "\r\n";
}

}  // namespace

SearchText::SearchText(std::string_view message) : message_(message), structure_(parse_message(message)) {
  list_parts(structure_, parts_);
}

const SearchText::Piece* SearchText::piece(std::size_t number) {
  if (number >= parts_.size()) return nullptr;
  while (pieces_.size() <= number) {
    Piece next;
    read(*parts_[pieces_.size()], next);
    pieces_.push_back(std::move(next));
  }
  return &pieces_[number];
}

void SearchText::read(const Part& part, Piece& out) const {
  Reading reading;
  const auto header = message_.substr(part.header_at, part.header_size);
  for_each_field(header, [&](const HeaderField& field) {
    reading.note(field);
    append_field(out.text, field);
    return true;
  });
  if (header == "\r\n" || header.ends_with("\n\r\n")) out.text += "\r\n";
  out.body_at = out.text.size();
  if (!part.children.empty() || !reading.text) return;
  const auto octets = message_.substr(part.body_at, part.body_size);
  const bool plain = is(reading.encoding, "7bit") || is(reading.encoding, "8bit") || is(reading.encoding, "binary");
  const auto decoded = plain ? std::nullopt : decode_transfer(reading.encoding, octets);
  if (!plain && !decoded) return;
  const std::string_view text = plain ? octets : std::string_view(*decoded);
  const auto utf8 = is_known_charset(reading.charset) ? to_utf8(reading.charset, text) : to_utf8("utf-8", text);
  if (utf8) append_folded(out.text, *utf8);
}

bool SearchText::in_text(const std::string& folded) {
  for (std::size_t i = 0; const auto* now = piece(i); ++i)
    if (now->text.find(folded) != std::string::npos) return true;
  return false;
}

bool SearchText::in_bodies(const std::string& folded) {
  for (std::size_t i = 0; const auto* now = piece(i); ++i)
    if (now->text.find(folded, now->body_at) != std::string::npos) return true;
  return false;
}

}  // namespace mail
