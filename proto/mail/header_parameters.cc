// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The values of MIME header fields (RFC 2045 section 5.1, RFC 2183), with continued parameters joined (RFC 2231).
#include <algorithm>
#include <charconv>
#include <span>
#include <tuple>

#include "proto/flags.h"
#include "proto/mail/header.h"
#include "proto/mail/header_tokens.h"

namespace mail {

namespace {

using Ahead = HeaderTokens::Ahead;

// One "; name=value"; false where there is none to be read. Unquoted encoded words are taken whole.
bool read_parameter(HeaderTokens& tokens, std::string& name, std::string& value) {
  name.clear();
  value.clear();
  if (!tokens.sees(';')) return false;
  tokens.advance();
  if (tokens.skip_space() != Ahead::More || tokens.mime_token(name) != Ahead::More || !tokens.sees('=')) return false;
  tokens.advance();
  const auto ahead = tokens.skip_space();
  if (ahead != Ahead::More) return ahead != Ahead::Bad;
  if (tokens.sees('"')) return tokens.quoted_string(value) != Ahead::Bad;
  if (!tokens.sees('=')) return tokens.mime_token(value) != Ahead::Bad;
  while (!tokens.end() && std::string_view("; \t\r\n").find(tokens.peek()) == std::string_view::npos) {
    value += tokens.peek();
    tokens.advance();
  }
  return true;
}

// A piece of a continued parameter: name*index, name*index*, or name*.
struct Piece {
  std::string name, value;
  std::uint32_t index = 0;
  bool extended = false;
  std::size_t order = 0;  // as written
};

std::optional<Piece> as_piece(std::string_view name, const std::string& value) {
  const auto star = name.find('*');
  if (star == std::string_view::npos) return std::nullopt;
  Piece out{std::string(name.substr(0, star)), value};
  auto rest = name.substr(star + 1);
  if (rest.empty()) {
    out.extended = true;
    return out;
  }
  const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), out.index);
  if (parsed.ec == std::errc::result_out_of_range) return std::nullopt;
  rest.remove_prefix(static_cast<std::size_t>(parsed.ptr - rest.data()));
  out.extended = rest == "*";
  if (!rest.empty() && !out.extended) return std::nullopt;
  return out;
}

// Pieces of one name, in order: joined when none is missing, else as they were written.
void join(std::span<const Piece> pieces, imap::Parameters& out) {
  const bool extended = std::ranges::any_of(pieces, &Piece::extended);
  std::string value = extended && !pieces[0].extended ? "''" : "";
  for (std::uint32_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].index != i) {
      for (const auto& piece : pieces)
        out.emplace_back(piece.name + "*" + std::to_string(piece.index) + (piece.extended ? "*" : ""), piece.value);
      return;
    }
    for (const char c : pieces[i].value) {
      if (c == '%' && extended && !pieces[i].extended)
        value += "%25";
      else
        value += c;
    }
  }
  out.emplace_back(pieces[0].name + (extended ? "*" : ""), std::move(value));
}

imap::Parameters read_parameters(HeaderTokens& tokens) {
  imap::Parameters out;
  std::vector<Piece> pieces;
  std::string name, value;
  while (!tokens.end()) {
    if (!read_parameter(tokens, name, value)) {
      if (!tokens.end()) tokens.advance();  // goes on at the next ';'
      continue;
    }
    if (auto piece = as_piece(name, value)) {
      piece->order = pieces.size();
      pieces.push_back(std::move(*piece));
    } else {
      out.emplace_back(name, value);
    }
  }
  std::ranges::sort(pieces, {}, [](const Piece& p) { return std::tie(p.name, p.index, p.order); });
  for (std::size_t i = 0; i < pieces.size();) {
    auto end = i + 1;
    while (end < pieces.size() && imap::equal_ignoring_case(pieces[i].name, pieces[end].name)) ++end;
    join(std::span(pieces).subspan(i, end - i), out);
    i = end;
  }
  return out;
}

}  // namespace

bool ContentType::is(std::string_view a_type, std::string_view a_subtype) const {
  return imap::equal_ignoring_case(type, a_type) && imap::equal_ignoring_case(subtype, a_subtype);
}

const std::string* ContentType::parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters)
    if (imap::equal_ignoring_case(key, name)) return &value;
  return nullptr;
}

ContentType parse_content_type(std::string_view value) {
  ContentType out;
  HeaderTokens tokens(value);
  if (tokens.skip_space() != Ahead::More) return out;
  std::string type, subtype;
  if (tokens.mime_token(type) != Ahead::More) {
    out.type = std::move(type);  // a word alone
    return out;
  }
  if (type.empty() || !tokens.sees('/')) return out;
  tokens.advance();
  if (tokens.skip_space() != Ahead::More) return out;
  if (tokens.mime_token(subtype) == Ahead::Bad || subtype.empty() || !(tokens.end() || tokens.sees(';'))) return out;
  out.type = std::move(type);
  out.subtype = std::move(subtype);
  out.parameters = read_parameters(tokens);
  return out;
}

std::optional<std::pair<std::string, imap::Parameters>> parse_disposition(std::string_view value) {
  HeaderTokens tokens(value);
  tokens.skip_space();
  std::string kind;
  if (tokens.mime_token(kind) == Ahead::Bad) return std::nullopt;
  auto parameters = read_parameters(tokens);
  return std::pair(std::move(kind), std::move(parameters));
}

std::string parse_transfer_encoding(std::string_view value) {
  HeaderTokens tokens(value);
  tokens.skip_space();
  std::string out;
  return tokens.mime_token(out) == Ahead::End ? out : "";
}

std::vector<std::string> parse_languages(std::string_view value) {
  std::vector<std::string> out;
  HeaderTokens tokens(value);
  tokens.skip_space();
  for (std::string language; tokens.atom(language) != Ahead::Bad; language.clear()) {
    out.push_back(language);
    if (!tokens.sees(',')) break;
    tokens.advance();
    tokens.skip_space();
  }
  return out;
}

}  // namespace mail
