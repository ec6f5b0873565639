// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/header.h"

#include <algorithm>

#include "proto/flags.h"

namespace store {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// The end of the line that begins at `at`, behind its LF.
std::size_t line_end(std::string_view text, std::size_t at) {
  const auto end = text.find('\n', at);
  return end == std::string_view::npos ? text.size() : end + 1;
}

}  // namespace

std::size_t header_length(std::string_view message) {
  for (std::size_t at = 0; at < message.size();) {
    const auto end = line_end(message, at);
    const auto line = message.substr(at, end - at);
    at = end;
    if (line == "\r\n" || line == "\n") return at;
  }
  return message.size();
}

void for_each_field(std::string_view header, const std::function<bool(const HeaderField&)>& f) {
  for (std::size_t at = 0; at < header.size();) {
    const auto start = at;
    at = line_end(header, at);
    const auto first = header.substr(start, at - start);
    if (first == "\r\n" || first == "\n") return;
    while (at < header.size() && (header[at] == ' ' || header[at] == '\t')) at = line_end(header, at);
    const auto colon = first.find(':');
    if (colon == std::string_view::npos || colon == 0 || is_space(first.front())) continue;
    HeaderField field;
    field.whole = header.substr(start, at - start);
    field.name = trim(first.substr(0, colon));
    field.value = field.whole.substr(colon + 1);
    if (field.value.ends_with('\n')) field.value.remove_suffix(1);
    if (field.value.ends_with('\r')) field.value.remove_suffix(1);
    if (!f(field)) return;
  }
}

std::string unfold(std::string_view value) {
  std::string out;
  value = trim(value);
  for (std::size_t at = 0; at < value.size();) {
    const auto stop = value.find_first_of("\r\n", at);
    out += value.substr(at, stop - at);
    if (stop == std::string_view::npos) break;
    at = stop;
    while (at < value.size() && is_space(value[at])) ++at;
    while (!out.empty() && (out.back() == ' ' || out.back() == '\t')) out.pop_back();
    out += ' ';
  }
  return out;
}

namespace {

// A reader of RFC 5322's lexical tokens. Comments are skipped, the last one is kept (old mail has names in them).
class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {}

  std::string comment;

  void skip() {
    while (at_ < text_.size()) {
      if (is_space(text_[at_]))
        ++at_;
      else if (text_[at_] == '(')
        skip_comment();
      else
        return;
    }
  }
  bool end() const { return at_ >= text_.size(); }
  char peek() const { return end() ? '\0' : text_[at_]; }
  bool accept(char c) {
    if (peek() != c || end()) return false;
    ++at_;
    return true;
  }
  std::string quoted() {
    std::string out;
    ++at_;
    while (!end() && text_[at_] != '"') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      if (text_[at_] != '\r' && text_[at_] != '\n') out += text_[at_];
      ++at_;
    }
    if (!end()) ++at_;
    return out;
  }
  // Octets up to white space or one of the special characters.
  std::string atom(std::string_view specials) {
    const auto start = at_;
    while (!end() && !is_space(text_[at_]) && specials.find(text_[at_]) == std::string_view::npos) ++at_;
    return std::string(text_.substr(start, at_ - start));
  }
  std::string domain_literal() {
    const auto start = at_;
    while (!end() && text_[at_] != ']') ++at_;
    if (!end()) ++at_;
    return std::string(text_.substr(start, at_ - start));
  }
  void advance() { ++at_; }

 private:
  void skip_comment() {
    int depth = 0;
    comment.clear();
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\\' && at_ + 1 < text_.size()) {
        comment += text_[++at_];
      } else if (c == '(') {
        if (depth++ > 0) comment += c;
      } else if (c == ')') {
        if (--depth == 0) {
          ++at_;
          return;
        }
        comment += c;
      } else if (c != '\r' && c != '\n') {
        comment += c;
      }
    }
  }
  std::string_view text_;
  std::size_t at_ = 0;
};

constexpr std::string_view kSpecials = "()<>@,;:\"[]";

imap::NString some(std::string text) {
  if (text.empty()) return std::nullopt;
  return text;
}

class AddressParser {
 public:
  explicit AddressParser(std::string_view value) : tokens_(value) {}

  imap::AddressList parse() {
    for (;;) {
      tokens_.skip();
      if (tokens_.end()) break;
      if (tokens_.accept(',')) continue;
      if (tokens_.accept(';')) {
        if (in_group_) out_.push_back({});
        in_group_ = false;
        continue;
      }
      one();
    }
    if (in_group_) out_.push_back({});
    return std::move(out_);
  }

 private:
  // A run of words and dots: a display name, a group's name, or a local part, as what follows tells.
  struct Words {
    std::string phrase;  // words joined by one space
    std::string local;   // joined as a local part: without spaces around dots
  };
  Words words() {
    Words out;
    bool after_dot = true;
    for (;;) {
      tokens_.skip();
      const char c = tokens_.peek();
      if (tokens_.end() || std::string_view("<>@,;:").find(c) != std::string_view::npos) return out;
      std::string word;
      if (c == '"')
        word = tokens_.quoted();
      else if (c == '[')
        word = tokens_.domain_literal();
      else if (c == ')' || c == ']') {
        tokens_.advance();
        continue;
      } else
        word = tokens_.atom(kSpecials);
      const bool begins_with_dot = word.starts_with('.');
      if (!out.phrase.empty() && !(begins_with_dot && c != '"')) out.phrase += ' ';
      out.phrase += word;
      if (!out.local.empty() && !after_dot && !begins_with_dot) out.local += ' ';
      out.local += word;
      after_dot = word.ends_with('.');
    }
  }
  std::string domain() {
    std::string out;
    for (;;) {
      tokens_.skip();
      const char c = tokens_.peek();
      if (tokens_.end() || std::string_view("<>,;:\"").find(c) != std::string_view::npos) return out;
      if (c == '[')
        out += tokens_.domain_literal();
      else if (c == '(' || c == ')' || c == ']' || c == '@')
        tokens_.advance();
      else {
        const auto part = tokens_.atom(kSpecials);
        if (!out.empty() && !out.ends_with('.') && !part.starts_with('.')) return out;
        out += part;
      }
    }
  }
  void one() {
    tokens_.comment.clear();
    const auto first = words();
    imap::Address address;
    if (tokens_.accept('<')) {
      address.name = some(first.phrase);
      angle(address);
    } else if (tokens_.accept(':')) {
      out_.push_back({std::nullopt, std::nullopt, first.phrase, std::nullopt});
      in_group_ = true;
      return;
    } else if (tokens_.accept('@')) {
      address.mailbox = first.local;
      address.host = domain();
      tokens_.skip();
      address.name = some(tokens_.comment);
    } else {
      if (tokens_.peek() == '>') tokens_.advance();
      if (first.local.empty()) return;
      tokens_.skip();
      address.name = some(tokens_.comment);
      address.mailbox = first.local;
      address.host = "";
    }
    fill(address);
    out_.push_back(std::move(address));
  }
  // angle-addr = "<" [route ":"] addr-spec ">"
  void angle(imap::Address& address) {
    tokens_.skip();
    if (tokens_.peek() == '@') {
      std::string route;
      while (tokens_.accept('@')) {
        route += (route.empty() ? "@" : ",@") + domain();
        tokens_.skip();
        while (tokens_.accept(',')) tokens_.skip();
      }
      if (tokens_.accept(':')) address.adl = some(route);
    }
    address.mailbox = words().local;
    address.host = "";
    if (tokens_.accept('@')) address.host = domain();
    while (!tokens_.end() && tokens_.peek() != '>' && tokens_.peek() != ',') tokens_.advance();
    tokens_.accept('>');
    tokens_.skip();
    if (!address.name) address.name = some(tokens_.comment);
  }
  // What is missing is said so, as Dovecot does: a client must be able to show that there was something.
  static void fill(imap::Address& address) {
    if (address.mailbox && address.mailbox->empty() && address.host && address.host->empty()) {
      address.mailbox = "MISSING_MAILBOX";
      address.host = "MISSING_DOMAIN";
      return;
    }
    if (!address.mailbox || address.mailbox->empty()) address.mailbox = "MISSING_MAILBOX";
    if (!address.host || address.host->empty()) address.host = "MISSING_DOMAIN";
  }

  Tokens tokens_;
  imap::AddressList out_;
  bool in_group_ = false;
};

}  // namespace

imap::AddressList parse_addresses(std::string_view value) { return AddressParser(value).parse(); }

imap::Envelope parse_envelope(std::string_view header) {
  imap::Envelope out;
  struct Row {
    std::string_view name;
    imap::AddressList imap::Envelope::* list;
  };
  static constexpr Row kLists[] = {
      {"from", &imap::Envelope::from}, {"sender", &imap::Envelope::sender}, {"reply-to", &imap::Envelope::reply_to},
      {"to", &imap::Envelope::to},     {"cc", &imap::Envelope::cc},         {"bcc", &imap::Envelope::bcc}};
  for_each_field(header, [&](const HeaderField& field) {
    const auto is = [&](std::string_view name) { return imap::equal_ignoring_case(field.name, name); };
    if (is("date"))
      out.date = unfold(field.value);
    else if (is("subject"))
      out.subject = unfold(field.value);
    else if (is("in-reply-to"))
      out.in_reply_to = unfold(field.value);
    else if (is("message-id"))
      out.message_id = unfold(field.value);
    else {
      for (const auto& row : kLists)
        if (is(row.name)) std::ranges::move(parse_addresses(field.value), std::back_inserter(out.*row.list));
    }
    return true;
  });
  if (out.sender.empty()) out.sender = out.from;
  if (out.reply_to.empty()) out.reply_to = out.from;
  return out;
}

std::string filter_header(std::string_view header, const std::vector<std::string>& names, bool others) {
  std::string out;
  for_each_field(header, [&](const HeaderField& field) {
    const bool named = std::ranges::any_of(
        names, [&](const std::string& name) { return imap::equal_ignoring_case(name, field.name); });
    if (named != others) out += field.whole;
    return true;
  });
  return out + "\r\n";
}

std::string strip_comments(std::string_view value) {
  Tokens tokens(value);
  std::string out;
  for (;;) {
    tokens.skip();
    if (tokens.end()) return out;
    if (!out.empty()) out += ' ';
    out += tokens.peek() == '"' ? tokens.quoted() : tokens.atom("(\"");
  }
}

ParameterizedValue parse_parameterized(std::string_view value) {
  ParameterizedValue out;
  Tokens tokens(value);
  for (;;) {  // "multipart / mixed" is read as one
    tokens.skip();
    if (tokens.end() || tokens.peek() == ';') break;
    if (tokens.peek() == '"')
      out.value += tokens.quoted();
    else
      out.value += tokens.atom("();\"");
    if (!tokens.end() && tokens.peek() == ')') tokens.advance();
  }
  while (tokens.accept(';')) {
    tokens.skip();
    auto name = tokens.atom("()<>@,;:\\\"[]?=");
    tokens.skip();
    if (name.empty() || !tokens.accept('=')) {
      while (!tokens.end() && tokens.peek() != ';') tokens.peek() == '"' ? (void)tokens.quoted() : tokens.advance();
      continue;
    }
    tokens.skip();
    std::string text;
    for (;;) {
      if (tokens.peek() == '"' && !tokens.end())
        text += tokens.quoted();
      else
        text += tokens.atom("();\"");
      if (tokens.end() || tokens.peek() != '"') break;
    }
    out.parameters.emplace_back(std::move(name), std::move(text));
    tokens.skip();
    while (!tokens.end() && tokens.peek() != ';') tokens.advance();
  }
  return out;
}

}  // namespace store
