// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <span>
#include <string_view>
#include <vector>

#include "proto/printer.h"
#include "proto/search/search_key_names.h"
#include "proto/search/search_key_text.h"

namespace imap {

namespace {

using namespace search_names;
using Kind = SearchKey::Kind;

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
  for (const auto& row : kIntervals)
    if (row.kind == key.kind) printer.raw(row.name).sp().number(key.number);
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
