// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/search/search_key_text.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proto/parser.h"
#include "proto/search/search_key_names.h"

namespace imap {

namespace {

using namespace search_names;
using Kind = SearchKey::Kind;

SearchKey make(Kind kind) {
  SearchKey out;
  out.kind = kind;
  return out;
}

SearchKey negate(SearchKey key) {
  auto out = make(Kind::Not);
  out.children.push_back(std::move(key));
  return out;
}

SearchKey has_flag(Flag flag) {
  auto out = make(Kind::HasFlag);
  out.flag = flag;
  return out;
}

template <std::size_t N>
const Row* find_row(const Row (&rows)[N], std::string_view name) {
  const auto row = std::ranges::find(rows, name, &Row::name);
  return row == std::end(rows) ? nullptr : row;
}

std::optional<SearchKey> flag_or_opposite(std::string_view name) {
  for (const auto& row : kFlags) {
    if (name == row.name) return has_flag(row.flag);
    if (name.starts_with("UN") && name.substr(2) == row.name) return negate(has_flag(row.flag));
  }
  return std::nullopt;
}

SearchKey recent_unseen() {
  auto out = make(Kind::And);
  out.children.push_back(make(Kind::Recent));
  out.children.push_back(negate(has_flag(Flag::Seen)));
  return out;
}

SearchKey messages(Parser& parser, MessageSet::By by) {
  auto out = make(Kind::Messages);
  out.messages.by = by;
  out.messages.set = parser.sequence_set();
  return out;
}

SearchKey text_key(Parser& parser, Kind kind) {
  auto out = make(kind);
  if (kind == Kind::Header) {
    out.field = parser.astring();
    parser.sp();
  }
  out.text = parser.astring();
  return out;
}

SearchKey keyword(Parser& parser) {
  auto out = make(Kind::Keyword);
  out.text = std::string(parser.atom());
  return out;
}

// RFC 7162 section 3.1.5; the entry's name and type say nothing where all flags share one mod-sequence.
SearchKey modseq(Parser& parser) {
  auto out = make(Kind::ModSeq);
  if (parser.peek() == '"') {
    parser.string();
    parser.sp();
    parser.atom();
    parser.sp();
  }
  out.number = parser.number64();
  return out;
}

// search-key (RFC 9051 section 9) with arguments that are no search-keys; its name has been read.
SearchKey parse_arguments(Parser& parser, std::string_view name) {
  parser.sp();
  if (const auto* row = find_row(kDates, name)) {
    auto out = make(row->kind);
    out.date = parser.date();
    return out;
  }
  if (const auto* row = find_row(kSizes, name)) {
    auto out = make(row->kind);
    out.number = parser.number64();
    return out;
  }
  if (const auto* row = find_row(kIntervals, name)) {
    auto out = make(row->kind);
    out.number = parser.nz_number();
    return out;
  }
  if (const auto* row = find_row(kTexts, name)) return text_key(parser, row->kind);
  if (name == "KEYWORD") return keyword(parser);
  if (name == "UNKEYWORD") return negate(keyword(parser));
  if (name == "HEADER") return text_key(parser, Kind::Header);
  if (name == "UID") return messages(parser, MessageSet::By::Uid);
  return modseq(parser);
}

bool takes_arguments(std::string_view name) {
  return find_row(kDates, name) || find_row(kSizes, name) || find_row(kIntervals, name) || find_row(kTexts, name) ||
         name == "KEYWORD" || name == "UNKEYWORD" || name == "HEADER" || name == "UID" || name == "MODSEQ";
}

// Whether another key follows. A parenthesis wants no space before it, as Dovecot has it.
bool is_next_to_come(Parser& parser) { return parser.accept(' ') ? !parser.at_end() : parser.peek() == '('; }

// search-key *(SP search-key), without recursion: the keys whose children are still to be read lie on a stack.
class KeyParser {
 public:
  explicit KeyParser(Parser& parser) : parser_(parser) {}

  SearchKey parse() {
    for (;;) {
      auto key = begin_key();
      if (key && complete(std::move(*key))) return std::move(done_);
    }
  }

 private:
  // A key without children; nullopt: one was opened whose first child follows.
  std::optional<SearchKey> begin_key() {
    if (parser_.accept('(')) {
      parser_.skip_spaces();
      return open(Kind::And);
    }
    if (parser_.peek() == '*' || parser_.peek() == '$' || (parser_.peek() >= '0' && parser_.peek() <= '9'))
      return messages(parser_, MessageSet::By::Number);
    const auto name = parser_.upper_atom();
    if (auto flag = flag_or_opposite(name)) return flag;
    if (name == "ALL") return make(Kind::All);
    if (name == "RECENT") return make(Kind::Recent);
    if (name == "OLD") return negate(make(Kind::Recent));
    if (name == "NEW") return recent_unseen();
    if (name == "NOT" || name == "OR") {
      parser_.sp();
      return open(name == "OR" ? Kind::Or : Kind::Not);
    }
    if (!takes_arguments(name)) parser_.fail("a SEARCH key");
    return parse_arguments(parser_, name);
  }

  std::optional<SearchKey> open(Kind kind) {
    if (open_.size() >= kDeepestSearch) parser_.fail("less nesting");
    open_.push_back(make(kind));
    return std::nullopt;
  }

  // ")", with spaces before it. Else nothing is taken.
  bool end_of_list() {
    const auto spaces = parser_.rest().find_first_not_of(' ');
    if (spaces == std::string_view::npos || parser_.rest()[spaces] != ')') return false;
    parser_.skip(spaces + 1);
    return true;
  }

  // Gives a key to the one that waits for it; true: that was the last one, which lies in done_.
  bool complete(SearchKey key) {
    while (!open_.empty()) {
      auto& parent = open_.back();
      parent.children.push_back(std::move(key));
      if (parent.kind == Kind::And ? !end_of_list() : parent.kind == Kind::Or && parent.children.size() == 1) {
        if (!is_next_to_come(parser_)) parser_.sp();
        return false;
      }
      const bool alone = parent.kind == Kind::And && parent.children.size() == 1;
      SearchKey closed = alone ? std::move(parent.children.front()) : std::move(parent);
      open_.pop_back();
      key = std::move(closed);
    }
    done_ = std::move(key);
    return true;
  }

  Parser& parser_;
  std::vector<SearchKey> open_;
  SearchKey done_;
};

}  // namespace

SearchKey parse_search_keys(Parser& parser) {
  auto out = make(Kind::And);
  do out.children.push_back(KeyParser(parser).parse());
  while (is_next_to_come(parser));
  if (out.children.size() > 1) return out;
  SearchKey only = std::move(out.children.front());
  return only;
}

}  // namespace imap
