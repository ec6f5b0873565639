// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The parser's values: what is made of strings and numbers.
#include "proto/parser.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace imap {

namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

}  // namespace

MailboxName Parser::mailbox() {
  const auto start = at_;
  const auto text = astring();
  const auto printable = [this](std::string_view name) { return lenient || std::ranges::none_of(name, is_control); };
  if (auto name = MailboxName::from_modified_utf7(text); name && printable(name->utf8())) return *name;
  // Clients that send UTF-8 as it is are understood, where no "&" makes it ambiguous.
  const bool raw = utf8 || text.find('&') == std::string::npos;
  if (raw && printable(text) && is_valid_utf8(text)) return MailboxName(text);
  throw InvalidName(start, "a mailbox name in modified UTF-7");
}

std::string Parser::flag_name() {
  std::string out;
  if (lenient && peek() == '"') {  // of InterMail: jstedfast/MailKit#771
    out = quoted();
    if (out.empty() || out.find_first_of(" ()\r\n") != std::string::npos) fail("a flag");
    return out;
  }
  if (accept('\\')) {
    out = "\\";
    if (accept('*')) return out + "*";
  }
  if (lenient) {  // some servers' keywords hold brackets and more
    const auto stop = text_.find_first_of(" ()\r\n", at_);
    const auto length = (stop == std::string_view::npos ? text_.size() : stop) - at_;
    if (length == 0 && out.empty()) fail("a flag");  // "\\" alone is a flag that nobody knows
    out += text_.substr(at_, length);
    at_ += length;
    return out;
  }
  out += atom();
  return out;
}

FlagSet Parser::flag_list() {
  FlagSet out;
  std::vector<std::string> keywords;
  list(
      [&] {
        auto name = flag_name();
        if (!name.starts_with('\\'))
          keywords.push_back(std::move(name));
        else if (!out.add_by_name(name) && !lenient && !equal_ignoring_case(name, "\\Recent"))
          fail("a flag that can be set");
      },
      true);
  out.add_keywords(std::move(keywords));
  return out;
}

FlagSet Parser::flags_without_parentheses() {
  if (peek() == '(') return flag_list();
  FlagSet out;
  std::vector<std::string> keywords;
  do {
    auto name = flag_name();
    if (!name.starts_with('\\'))
      keywords.push_back(std::move(name));
    else if (!out.add_by_name(name) && !equal_ignoring_case(name, "\\Recent"))
      fail("a flag that can be set");
  } while (accept(' ') && !at_end());
  out.add_keywords(std::move(keywords));
  return out;
}

DateTime Parser::date_time() {
  const auto start = at_;
  const auto when = parse_date_time(quoted());
  if (when) return *when;
  at_ = start;
  fail("a date and time");
}

Date Parser::date() {
  const auto start = at_;
  const auto when = parse_search_date(astring());
  if (when) return *when;
  at_ = start;
  fail("a date");
}

// sequence-set = (seq-number / seq-range) ["," sequence-set] / "$"
SequenceSet Parser::sequence_set() {
  SequenceSet out;
  if (accept('$')) {  // RFC 5182: alone
    out.saved = true;
    return out;
  }
  const auto one = [&]() -> std::uint32_t { return accept('*') ? 0 : nz_number(); };
  do {
    SequenceSet::Range range;
    range.first = range.last = one();
    if (accept(':')) range.last = one();
    out.ranges.push_back(range);
  } while (accept(','));
  return out;
}

template <class Number>
IntervalSet<Number> Parser::interval_set() {
  IntervalSet<Number> out;
  do {
    const Number first(nz_number());
    out.add(first, accept(':') ? Number(nz_number()) : first);
  } while (accept(','));
  return out;
}

UidSet Parser::uid_set() { return interval_set<Uid>(); }
SeqSet Parser::seq_set() { return interval_set<SeqNum>(); }

// section = "[" [section-part ["." section-text] / section-msgtext] "]"
Section Parser::section() {
  Section out;
  expect('[');
  if (accept(']')) return out;
  if (peek() >= '0' && peek() <= '9') {
    out.part.push_back(nz_number());
    while (accept('.')) {
      if (peek() < '0' || peek() > '9') {
        if (accept_word("MIME")) {
          out.text = Section::Text::Mime;
          expect(']');
          return out;
        }
        return section_text(out);
      }
      out.part.push_back(nz_number());
      if (out.part.size() > 200) fail("a part nested less deeply");
    }
    expect(']');
    return out;
  }
  return section_text(out);
}

// section-msgtext "]"
Section Parser::section_text(Section& out) {
  if (accept_word("HEADER.FIELDS.NOT"))
    out.text = Section::Text::HeaderFieldsNot;
  else if (accept_word("HEADER.FIELDS"))
    out.text = Section::Text::HeaderFields;
  else if (accept_word("HEADER"))
    out.text = Section::Text::Header;
  else if (accept_word("TEXT"))
    out.text = Section::Text::Text;
  else
    fail("a section");
  if (out.text == Section::Text::HeaderFields || out.text == Section::Text::HeaderFieldsNot) {
    sp();
    list([&] { out.fields.push_back(astring()); });
  }
  expect(']');
  return std::move(out);
}

std::optional<Partial> Parser::partial() {
  if (!accept('<')) return std::nullopt;
  Partial out;
  out.offset = number64();
  expect('.');
  out.length = number64();
  expect('>');
  return out;
}

}  // namespace imap
