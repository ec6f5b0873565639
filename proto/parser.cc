// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/parser.h"

#include <array>
#include <limits>

namespace imap {

namespace {

constexpr int kDeepest = 200;

// How many octets of spooled literals are read back into memory, where a short string is meant (a name, a password).
constexpr std::uint64_t kMostLoaded = 1024 * 1024, kMostLoadedLenient = 64 * 1024 * 1024;

constexpr std::uint8_t kAtom = 1, kAstring = 2, kList = 4, kTag = 8, kWord = 16;

// RFC 9051 section 9: ATOM-CHAR, ASTRING-CHAR, list-char, the tag's characters.
constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> out{};
  for (int c = 0x21; c < 0x7F; ++c) {
    const std::string_view specials = "(){%*\"\\]";
    const bool atom = specials.find(static_cast<char>(c)) == std::string_view::npos;
    std::uint8_t bits = 0;
    if (atom) bits |= kAtom;
    if (atom || c == ']') bits |= kAstring;
    if (atom || c == ']' || c == '%' || c == '*') bits |= kList;
    if ((atom || c == ']') && c != '+') bits |= kTag;
    if (c != '(' && c != ')' && c != ']') bits |= kWord;
    out[static_cast<std::size_t>(c)] = bits;
  }
  for (std::size_t c = 0x80; c < 0x100; ++c)
    out[c] = kAstring | kList | kWord;  // UTF-8 in names; refused later where it is not valid
  return out;
}
constexpr auto kClasses = make_classes();

bool is(char c, std::uint8_t bits) { return kClasses[static_cast<unsigned char>(c)] & bits; }

std::size_t run_length(std::string_view text, std::size_t at, std::uint8_t bits) {
  auto end = at;
  while (end < text.size() && is(text[end], bits)) ++end;
  return end - at;
}

}  // namespace

bool is_atom_char(char c) { return is(c, kAtom); }
bool is_astring_char(char c) { return is(c, kAstring) && static_cast<unsigned char>(c) < 0x80; }
bool is_tag_char(char c) { return is(c, kTag); }

SyntaxError::SyntaxError(std::size_t offset, std::string expected)
    : offset_(offset), text_("expected " + expected + " at octet " + std::to_string(offset)) {}

void Parser::skip_spaces() {
  while (accept(' ')) {
  }
}

void Parser::expect(char c) {
  if (peek() != c || at_end()) fail(c == ' ' ? std::string("a space") : std::string("'") + c + "'");
  accept(c);
}

// Of a client any number of spaces is one, as Dovecot has it.
bool Parser::accept(char c) {
  if (at_end() || text_[at_] != c) return false;
  ++at_;
  while (c == ' ' && !lenient && peek() == ' ') ++at_;
  return true;
}

bool Parser::accept_word(std::string_view word) {
  if (!equal_ignoring_case(text_.substr(at_, word.size()), word)) return false;
  at_ += word.size();
  return true;
}

void Parser::expect_word(std::string_view word) {
  if (!accept_word(word)) fail(word);
}

void Parser::end() {
  while (!at_end() && peek() == ' ') ++at_;
  if (!at_end()) fail("the end of the line");
}

std::uint64_t Parser::number64() {
  const auto start = at_;
  std::uint64_t value = 0;
  while (!at_end() && text_[at_] >= '0' && text_[at_] <= '9') {
    const auto digit = static_cast<std::uint64_t>(text_[at_] - '0');
    if (value > (static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) - digit) / 10)
      fail("a number below 2^63");
    value = value * 10 + digit;
    ++at_;
  }
  if (at_ == start) fail("a number");
  return value;
}

std::uint32_t Parser::number() {
  const auto value = number64();
  if (value > std::numeric_limits<std::uint32_t>::max()) fail("a number below 2^32");
  return static_cast<std::uint32_t>(value);
}

std::uint32_t Parser::nz_number() {
  const auto value = number();
  if (value == 0) fail("a number above 0");
  return value;
}

ModSeq Parser::mod_sequence() {
  const auto value = number64();
  if (value == 0) fail("a mod-sequence above 0");
  return ModSeq(value);
}

std::string_view Parser::atom() {
  const auto length = run_length(text_, at_, kAtom);
  if (length == 0) fail("an atom");
  at_ += length;
  return text_.substr(at_ - length, length);
}

std::string_view Parser::tag() {
  const auto length = run_length(text_, at_, kTag);
  if (length == 0) fail("a tag");
  at_ += length;
  return text_.substr(at_ - length, length);
}

std::string_view Parser::word() {
  const auto length = run_length(text_, at_, kWord);
  if (length == 0) fail("a word");
  at_ += length;
  return text_.substr(at_ - length, length);
}

std::string Parser::upper_atom() {
  std::string out(atom());
  for (auto& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return out;
}

// quoted = DQUOTE *QUOTED-CHAR DQUOTE. UTF-8 is accepted; CR, LF and NUL are not.
std::string Parser::quoted() {
  expect('"');
  std::string out;
  for (;;) {
    const auto stop = text_.find_first_of(std::string_view("\"\\\r\n\0", 5), at_);
    if (stop == std::string_view::npos) fail("a closing quote");
    out.append(text_, at_, stop - at_);
    at_ = stop + 1;
    if (text_[stop] == '"') return out;
    if (text_[stop] != '\\' || at_end()) {
      at_ = stop;
      fail("a quoted character");
    }
    if (peek() != '"' && peek() != '\\' && !lenient) fail("a quoted character");
    if (lenient && peek() != '"' && peek() != '\\') out += '\\';
    out += text_[at_++];
  }
}

// literal = ["~"] "{" number64 ["+"] "}" CRLF *CHAR8; the framer has seen to it that the octets are there.
Parser::LiteralHead Parser::literal_head() {
  accept('~');
  expect('{');
  const auto size = number64();
  if (!accept('+')) accept('-');
  expect('}');
  accept('\r');
  expect('\n');
  return {size};
}

Literal Parser::literal() {
  const auto [size] = literal_head();
  if (next_spooled_ < frame_->spooled.size() && frame_->spooled[next_spooled_].at == at_)
    return frame_->spooled[next_spooled_++].literal;
  if (size > text_.size() - at_) fail("a literal's octets");
  at_ += size;
  return Literal(std::string(text_.substr(at_ - size, size)));
}

std::string Parser::string() {
  if (peek() == '"') return quoted();
  if (peek() != '{' && peek() != '~') fail("a string");
  auto octets = literal();
  if (auto* bytes = octets.in_memory()) return std::move(*bytes);
  loaded_ += octets.size();
  if (loaded_ > (lenient ? kMostLoadedLenient : kMostLoaded)) fail("shorter strings");
  return octets.bytes();
}

Literal Parser::literal_or_string() {
  if (peek() == '"') return Literal(quoted());
  return literal();
}

std::string Parser::astring() {
  if (peek() == '"' || peek() == '{') return string();
  const auto length = run_length(text_, at_, kAstring);
  if (length == 0) fail("an atom or a string");
  at_ += length;
  return std::string(text_.substr(at_ - length, length));
}

bool Parser::accept_nil() {
  if (text_.size() > at_ + 3 && is(text_[at_ + 3], kAstring)) return false;  // a longer atom
  return accept_word("NIL");
}

NString Parser::nstring() {
  if (accept_nil()) return std::nullopt;
  if (lenient && peek() != '"' && peek() != '{' && peek() != '~')
    return astring();  // some servers send bare numbers and atoms
  return string();
}

std::optional<Literal> Parser::nliteral() {
  if (accept_nil()) return std::nullopt;
  return literal_or_string();
}

std::string Parser::list_mailbox() {
  if (peek() == '"' || peek() == '{') return string();
  const auto length = run_length(text_, at_, kList);
  if (length == 0) fail("a mailbox pattern");
  at_ += length;
  return std::string(text_.substr(at_ - length, length));
}

void Parser::list(const std::function<void()>& f, bool empty) {
  expect('(');
  skip_spaces();
  if ((empty || lenient) && accept(')')) return;
  for (;;) {
    f();
    const bool space = peek() == ' ';
    skip_spaces();
    if (accept(')')) return;
    if (!space && !lenient) sp();
  }
}

void Parser::skip_value() {
  const Nested nested(*this);
  if (peek() == '(') {
    list([this] { skip_value(); }, true);
  } else if (peek() == '"' || peek() == '{' || peek() == '~') {
    literal_or_string();
  } else {
    const auto stop = text_.find_first_of(" ()\"{", at_);
    if (stop == at_ || at_end()) fail("a value");
    at_ = stop == std::string_view::npos ? text_.size() : stop;
    if (peek() == '(' && text_[at_ - 1] != ' ') skip_value();
  }
}

void Parser::enter() {
  if (++depth_ > kDeepest) {
    --depth_;
    fail("less nesting");
  }
}

}  // namespace imap
