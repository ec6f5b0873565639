// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/mail/header_tokens.h"

#include <array>

namespace mail {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // for NUL, which no IMAP string can hold

constexpr auto kAtext = [] {
  std::array<bool, 256> table{};
  for (int c = 0x21; c < 0x100; ++c) table[static_cast<std::size_t>(c)] = c != 0x7F;
  for (const char c : std::string_view("\"(),.:;<>@[\\]")) table[static_cast<unsigned char>(c)] = false;
  return table;
}();

bool is_mime_token(char c) { return c == '.' || (is_atext(c) && c != '/' && c != '?' && c != '='); }

bool is_line_end(char c) { return c == '\r' || c == '\n'; }

// Text between delimiters, taken piece by piece: what was not settled when the text breaks off is left out.
class Pieces {
 public:
  explicit Pieces(std::string& out) : out_(out) {}
  void add(char c) { piece_ += c; }
  void settle() {
    out_ += piece_;
    piece_.clear();
  }
  void fold() {  // the line end is no text
    if (piece_.ends_with('\r')) piece_.pop_back();
    settle();
  }
  void nul() {
    piece_ += kReplacement;
    settle();
  }

 private:
  std::string& out_;
  std::string piece_;
};

// What stands at `at` in a comment or a quoted string, but for its delimiters. False: it breaks off at a backslash.
bool take_inside(std::string_view text, std::size_t& at, Pieces& pieces) {
  const char c = text[at];
  if (c == '\n') {
    pieces.fold();
  } else if (c == '\0') {
    pieces.nul();
  } else if (c != '\\') {
    pieces.add(c);
  } else if (at + 1 >= text.size()) {
    return false;
  } else if (is_line_end(text[at + 1]) || text[at + 1] == '\0') {
    pieces.add(c);
  } else {
    pieces.settle();
    pieces.add(text[++at]);
  }
  return true;
}

}  // namespace

bool is_atext(char c) { return kAtext[static_cast<unsigned char>(c)]; }

bool HeaderTokens::sees_word() const { return !end() && (is_atext(peek()) || peek() == '"' || peek() == '.'); }

HeaderTokens::Ahead HeaderTokens::skip_space() {
  while (!end()) {
    const char c = text_[at_];
    if (c == ' ' || c == '\t' || is_line_end(c))
      ++at_;
    else if (c != '(')
      return Ahead::More;
    else if (skip_comment() == Ahead::Bad)
      return Ahead::Bad;
  }
  return Ahead::End;
}

HeaderTokens::Ahead HeaderTokens::skip_comment() {
  comment.clear();
  Pieces pieces(comment);
  int depth = 1;
  for (++at_; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == ')' && --depth == 0) {
      pieces.settle();
      ++at_;
      return ahead();
    }
    if (c == '(') ++depth;
    if (!take_inside(text_, at_, pieces)) break;
  }
  at_ = text_.size();
  return Ahead::Bad;
}

HeaderTokens::Ahead HeaderTokens::quoted_string(std::string& out) {
  Pieces pieces(out);
  for (++at_; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '"') {
      pieces.settle();
      ++at_;
      return skip_space();
    }
    if (!take_inside(text_, at_, pieces)) break;
  }
  at_ = text_.size();
  return Ahead::Bad;
}

void HeaderTokens::take_atext(std::string& out) {
  const auto start = at_;
  while (!end() && is_atext(text_[at_])) ++at_;
  out += text_.substr(start, at_ - start);
}

HeaderTokens::Ahead HeaderTokens::atom(std::string& out) {
  if (end() || !is_atext(peek())) return Ahead::Bad;
  take_atext(out);
  return skip_space();
}

HeaderTokens::Ahead HeaderTokens::mime_token(std::string& out) {
  const auto start = at_;
  while (!end() && is_mime_token(text_[at_])) ++at_;
  out += text_.substr(start, at_ - start);
  return skip_space();
}

HeaderTokens::Ahead HeaderTokens::word_or_dots(std::string& out) {
  const auto start = at_;
  while (!end() && (is_atext(text_[at_]) || text_[at_] == '.')) ++at_;
  out += text_.substr(start, at_ - start);
  return skip_space();
}

HeaderTokens::Ahead HeaderTokens::phrase(std::string& out) {
  if (end()) return Ahead::End;
  if (sees('.')) return Ahead::Bad;
  for (;;) {
    const auto after = sees('"') ? quoted_string(out) : word_or_dots(out);
    if (after != Ahead::More) return after;
    if (!sees_word()) return skip_space();
    out += ' ';
  }
}

HeaderTokens::Ahead HeaderTokens::local_part(std::string& out) {
  if (sees('"')) return quoted_string(out);
  auto after = Ahead::Bad;
  do {
    while (sees('.')) {
      out += '.';
      advance();
      if (end()) return Ahead::End;
      after = Ahead::More;
    }
    if (sees('@')) break;
    after = atom(out);
  } while (after == Ahead::More && sees('.'));
  return after;
}

HeaderTokens::Ahead HeaderTokens::dot_atom(std::string& out) {
  for (;;) {
    const auto after = atom(out);
    if (after != Ahead::More || !sees('.')) return after;
    advance();
    out += '.';
    if (skip_space() != Ahead::More) return Ahead::Bad;
  }
}

HeaderTokens::Ahead HeaderTokens::domain(std::string& out) {
  advance();
  if (skip_space() != Ahead::More) return Ahead::Bad;
  return sees('[') ? domain_literal(out) : dot_atom(out);
}

HeaderTokens::Ahead HeaderTokens::domain_literal(std::string& out) {
  Pieces pieces(out);
  pieces.add('[');
  for (++at_; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '[') return Ahead::Bad;
    if (c == ']') {
      pieces.add(c);
      pieces.settle();
      ++at_;
      return skip_space();
    }
    if (c == '\n') {
      pieces.fold();
    } else if (c == '\0') {
      pieces.nul();
    } else {
      pieces.add(c);  // a backslash too: it stays in a literal
      if (c != '\\') continue;
      if (at_ + 1 >= text_.size()) break;
      if (!is_line_end(text_[at_ + 1]) && text_[at_ + 1] != '\0') pieces.add(text_[++at_]);
    }
  }
  at_ = text_.size();
  return Ahead::Bad;
}

}  // namespace mail
