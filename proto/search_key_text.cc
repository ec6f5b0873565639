// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/search_key_text.h"

#include <utility>

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

// search-key of one word and its arguments (RFC 9051 section 9); flags and their opposites first.
SearchKey parse_search_key(Parser& parser) {
  const Nested nested(parser);
  if (parser.peek() == '(') {
    auto out = make(Kind::And);
    parser.list([&] { out.children.push_back(parse_search_key(parser)); });
    if (out.children.size() == 1) return std::move(out.children.front());
    return out;
  }
  if (parser.peek() == '*' || parser.peek() == '$' || (parser.peek() >= '0' && parser.peek() <= '9')) {
    auto out = make(Kind::Messages);
    out.messages.set = parser.sequence_set();
    return out;
  }
  const auto name = parser.upper_atom();
  for (const auto& row : kFlags) {
    if (name == row.name) return has_flag(row.flag);
    if (name.starts_with("UN") && name.substr(2) == row.name) return negate(has_flag(row.flag));
  }
  for (const auto& row : kDates) {
    if (name != row.name) continue;
    parser.sp();
    auto out = make(row.kind);
    out.date = parser.date();
    return out;
  }
  for (const auto& row : kTexts) {
    if (name != row.name) continue;
    parser.sp();
    auto out = make(row.kind);
    out.text = parser.astring();
    return out;
  }
  for (const auto& row : kSizes) {
    if (name != row.name) continue;
    parser.sp();
    auto out = make(row.kind);
    out.number = parser.number64();
    return out;
  }
  if (name == "ALL") return make(Kind::All);
  if (name == "RECENT") return make(Kind::Recent);
  if (name == "OLD") return negate(make(Kind::Recent));
  if (name == "NEW") {
    auto out = make(Kind::And);
    out.children.push_back(make(Kind::Recent));
    out.children.push_back(negate(has_flag(Flag::Seen)));
    return out;
  }
  if (name == "KEYWORD" || name == "UNKEYWORD") {
    parser.sp();
    auto out = make(Kind::Keyword);
    out.text = std::string(parser.atom());
    return name == "KEYWORD" ? out : negate(std::move(out));
  }
  if (name == "HEADER") {
    parser.sp();
    auto out = make(Kind::Header);
    out.field = parser.astring();
    parser.sp();
    out.text = parser.astring();
    return out;
  }
  if (name == "NOT") {
    parser.sp();
    return negate(parse_search_key(parser));
  }
  if (name == "OR") {
    parser.sp();
    auto out = make(Kind::Or);
    out.children.push_back(parse_search_key(parser));
    parser.sp();
    out.children.push_back(parse_search_key(parser));
    return out;
  }
  if (name == "UID") {
    parser.sp();
    auto out = make(Kind::Messages);
    out.messages.by = MessageSet::By::Uid;
    out.messages.set = parser.sequence_set();
    return out;
  }
  if (name == "MODSEQ") {
    // RFC 7162 section 3.1.5; the entry's name and type say nothing where all flags share one mod-sequence.
    parser.sp();
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
  parser.fail("a SEARCH key");
}

void print_key(Printer& printer, const SearchKey& key);

void print_row(Printer& printer, const SearchKey& key) {
  for (const auto& row : kDates)
    if (row.kind == key.kind) printer.raw(row.name).sp().raw(format_date(key.date));
  for (const auto& row : kTexts)
    if (row.kind == key.kind) printer.raw(row.name).sp().astring(key.text);
  for (const auto& row : kSizes)
    if (row.kind == key.kind) printer.raw(row.name).sp().number(key.number);
}

void print_key(Printer& printer, const SearchKey& key) {
  switch (key.kind) {
    case Kind::All: printer.raw("ALL"); return;
    case Kind::And: {
      if (key.children.empty()) {  // all of no conditions
        printer.raw("ALL");
        return;
      }
      printer.raw("(");
      bool first = true;
      for (const auto& child : key.children) {
        if (!first) printer.sp();
        first = false;
        print_key(printer, child);
      }
      printer.raw(")");
      return;
    }
    case Kind::Or:
      printer.raw("OR ");
      print_key(printer, key.children.at(0));
      printer.sp();
      print_key(printer, key.children.at(1));
      return;
    case Kind::Not:
      if (key.children.at(0).kind == Kind::HasFlag || key.children.at(0).kind == Kind::Keyword) {
        printer.raw("UN");
        print_key(printer, key.children[0]);
        return;
      }
      if (key.children[0].kind == Kind::Recent) {
        printer.raw("OLD");
        return;
      }
      printer.raw("NOT ");
      print_key(printer, key.children[0]);
      return;
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
    case Kind::Recent: printer.raw("RECENT"); return;
    case Kind::Header: printer.raw("HEADER ").astring(key.field).sp().astring(key.text); return;
    case Kind::ModSeq: printer.raw("MODSEQ ").number(key.number); return;
    default: print_row(printer, key); return;
  }
}

}  // namespace

SearchKey parse_search_keys(Parser& parser) {
  auto out = make(Kind::And);
  do out.children.push_back(parse_search_key(parser));
  while (parser.accept(' ') && !parser.at_end());
  if (out.children.size() == 1) return std::move(out.children.front());
  return out;
}

void print_search_keys(Printer& printer, const SearchKey& key) {
  if (key.kind != Kind::And || key.children.empty()) {
    print_key(printer, key);
    return;
  }
  bool first = true;
  for (const auto& child : key.children) {
    if (!first) printer.sp();
    first = false;
    print_key(printer, child);
  }
}

}  // namespace imap
