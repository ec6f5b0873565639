// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/search_key_text.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

namespace {

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

struct FlagRowName {
  std::string_view name;
  Flag flag;
};
constexpr FlagRowName kFlags[] = {{"ANSWERED", Flag::Answered},
                                  {"DELETED", Flag::Deleted},
                                  {"DRAFT", Flag::Draft},
                                  {"FLAGGED", Flag::Flagged},
                                  {"SEEN", Flag::Seen}};

struct Row {
  std::string_view name;
  Kind kind;
};
constexpr Row kDates[] = {{"BEFORE", Kind::Before},         {"ON", Kind::On},         {"SINCE", Kind::Since},
                          {"SENTBEFORE", Kind::SentBefore}, {"SENTON", Kind::SentOn}, {"SENTSINCE", Kind::SentSince}};
constexpr Row kTexts[] = {{"BCC", Kind::Bcc},         {"BODY", Kind::Body}, {"CC", Kind::Cc}, {"FROM", Kind::From},
                          {"SUBJECT", Kind::Subject}, {"TEXT", Kind::Text}, {"TO", Kind::To}};
constexpr Row kSizes[] = {{"LARGER", Kind::Larger}, {"SMALLER", Kind::Smaller}};

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
  if (const auto* row = find_row(kTexts, name)) return text_key(parser, row->kind);
  if (name == "KEYWORD") return keyword(parser);
  if (name == "UNKEYWORD") return negate(keyword(parser));
  if (name == "HEADER") return text_key(parser, Kind::Header);
  if (name == "UID") return messages(parser, MessageSet::By::Uid);
  return modseq(parser);
}

bool takes_arguments(std::string_view name) {
  return find_row(kDates, name) || find_row(kSizes, name) || find_row(kTexts, name) || name == "KEYWORD" ||
         name == "UNKEYWORD" || name == "HEADER" || name == "UID" || name == "MODSEQ";
}

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
    if (parser_.accept('(')) return open(Kind::And);
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

  // Gives a key to the one that waits for it; true: that was the last one, which lies in done_.
  bool complete(SearchKey key) {
    while (!open_.empty()) {
      auto& parent = open_.back();
      parent.children.push_back(std::move(key));
      const bool more =
          parent.kind == Kind::And ? !parser_.accept(')') : parent.kind == Kind::Or && parent.children.size() == 1;
      if (more) {
        parser_.sp();
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

// A key without children.
void print_leaf(Printer& printer, const SearchKey& key) {
  switch (key.kind) {
    case Kind::All: printer.raw("ALL"); return;
    case Kind::Recent: printer.raw("RECENT"); return;
    case Kind::Messages:
      if (key.messages.by == MessageSet::By::Uid) printer.raw("UID ");
      printer.sequence_set(key.messages.set);
      return;
    case Kind::Uids: printer.raw("UID ").set(key.uids); return;
    case Kind::HasFlag:
      for (const auto& row : kFlags)
        if (row.flag == key.flag) printer.raw(row.name);
      return;
    case Kind::Keyword: printer.raw("KEYWORD ").atom(key.text); return;
    case Kind::Header: printer.raw("HEADER ").astring(key.field).sp().astring(key.text); return;
    case Kind::ModSeq: printer.raw("MODSEQ ").number(key.number); return;
    default: break;
  }
  for (const auto& row : kDates)
    if (row.kind == key.kind) printer.raw(row.name).sp().raw(format_date(key.date));
  for (const auto& row : kTexts)
    if (row.kind == key.kind) printer.raw(row.name).sp().astring(key.text);
  for (const auto& row : kSizes)
    if (row.kind == key.kind) printer.raw(row.name).sp().number(key.number);
}

// What is still to be printed lies on a stack, the next at its end.
class KeyPrinter {
 public:
  explicit KeyPrinter(Printer& printer) : printer_(printer) {}

  void print(const SearchKey& root) {
    waiting_.push_back({&root, {}});
    while (!waiting_.empty()) {
      const auto next = waiting_.back();
      waiting_.pop_back();
      if (next.key == nullptr)
        printer_.raw(next.text);
      else
        begin(*next.key);
    }
  }

 private:
  struct Piece {
    const SearchKey* key;  // or, if null,
    std::string_view text;
  };

  void begin(const SearchKey& key) {
    if (key.kind == Kind::Not) return begin_not(key.children.at(0));
    if (key.kind == Kind::And && key.children.empty()) {  // all of no conditions
      printer_.raw("ALL");
    } else if (key.kind == Kind::And) {
      printer_.raw("(");
      waiting_.push_back({nullptr, ")"});
      push(key.children);
    } else if (key.kind == Kind::Or) {
      printer_.raw("OR ");
      push(std::span(key.children).first(2));
    } else {
      print_leaf(printer_, key);
    }
  }

  void begin_not(const SearchKey& key) {
    if (key.kind == Kind::Recent) {
      printer_.raw("OLD");
      return;
    }
    printer_.raw(key.kind == Kind::HasFlag || key.kind == Kind::Keyword ? "UN" : "NOT ");
    waiting_.push_back({&key, {}});
  }

  void push(std::span<const SearchKey> keys) {
    for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
      if (key != keys.rbegin()) waiting_.push_back({nullptr, " "});
      waiting_.push_back({&*key, {}});
    }
  }

  Printer& printer_;
  std::vector<Piece> waiting_;
};

}  // namespace

SearchKey parse_search_keys(Parser& parser) {
  auto out = make(Kind::And);
  do out.children.push_back(KeyParser(parser).parse());
  while (parser.accept(' ') && !parser.at_end());
  if (out.children.size() > 1) return out;
  SearchKey only = std::move(out.children.front());
  return only;
}

void print_search_keys(Printer& printer, const SearchKey& key) {
  KeyPrinter keys(printer);
  if (key.kind != Kind::And || key.children.empty()) {
    keys.print(key);
    return;
  }
  bool first = true;
  for (const auto& child : key.children) {
    if (!first) printer.sp();
    first = false;
    keys.print(child);
  }
}

}  // namespace imap
