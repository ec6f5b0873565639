// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The lexical tokens of header fields (RFC 5322 section 3.2, RFC 2045 section 5.1), read as forgivingly as mail needs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mail {

// A cursor over a field's value. Each token is appended to `out`, and the white space and comments behind it are
// passed over; what lies ahead then is returned.
class HeaderTokens {
 public:
  enum class Ahead { Bad, End, More };  // Bad: the token, or a comment behind it, is none

  explicit HeaderTokens(std::string_view text) : text_(text) {}

  bool end() const { return at_ >= text_.size(); }
  char peek() const { return end() ? '\0' : text_[at_]; }
  bool sees(char c) const { return !end() && text_[at_] == c; }
  bool sees_word() const;  // of a phrase
  void advance() { ++at_; }
  std::size_t position() const { return at_; }
  void go_to(std::size_t position) { at_ = position; }

  Ahead skip_space();  // white space and comments
  Ahead atom(std::string& out);
  Ahead mime_token(std::string& out);  // may be empty
  Ahead phrase(std::string& out);      // words are joined by one space
  Ahead local_part(std::string& out);  // dots may stand anywhere
  Ahead dot_atom(std::string& out);
  Ahead domain(std::string& out);         // at the '@'; a domain or [literal]
  Ahead quoted_string(std::string& out);  // at the quotation mark; folds are taken out

  std::string comment;  // the last one passed over, without its parentheses: old mail has names there

 private:
  Ahead ahead() const { return end() ? Ahead::End : Ahead::More; }
  Ahead skip_comment();
  Ahead word_or_dots(std::string& out);
  Ahead domain_literal(std::string& out);
  void take_atext(std::string& out);

  std::string_view text_;
  std::size_t at_ = 0;
};

bool is_atext(char c);  // 8-bit octets are

}  // namespace mail
