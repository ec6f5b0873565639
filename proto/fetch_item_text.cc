// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/fetch_item_text.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

namespace {

using Kind = FetchItem::Kind;

struct Row {
  Kind kind;
  std::string_view name;
};
constexpr Row kNames[] = {
    {Kind::Uid, "UID"},
    {Kind::Flags, "FLAGS"},
    {Kind::InternalDate, "INTERNALDATE"},
    {Kind::Rfc822Size, "RFC822.SIZE"},
    {Kind::ModSeq, "MODSEQ"},
    {Kind::Envelope, "ENVELOPE"},
    {Kind::Body, "BODY"},
    {Kind::BodyStructure, "BODYSTRUCTURE"},
    {Kind::Rfc822, "RFC822"},
    {Kind::Rfc822Header, "RFC822.HEADER"},
    {Kind::Rfc822Text, "RFC822.TEXT"},
};

// Not understood by parse_fetch_item().
constexpr Row kNamesToAsk[] = {{Kind::EmailId, "EMAILID"}, {Kind::GmailMessageId, "X-GM-MSGID"}};

// fetch-att = "ENVELOPE" / ... / "BODY" ["STRUCTURE"] / "BODY" [".PEEK"] section ["<" number "." nz-number ">"]
FetchItem parse_fetch_item(Parser& parser) {
  const auto start = parser.rest();
  std::size_t length = 0;
  while (length < start.size() && ((start[length] >= '0' && start[length] <= '9') || start[length] == '.' ||
                                   ((start[length] | 0x20) >= 'a' && (start[length] | 0x20) <= 'z')))
    ++length;
  const auto name = start.substr(0, length);
  const bool section = length < start.size() && start[length] == '[';
  FetchItem out;
  if (section && (equal_ignoring_case(name, "BODY") || equal_ignoring_case(name, "BODY.PEEK"))) {
    out.kind = Kind::BodySection;
    out.peek = name.size() > 4;
    parser.skip(length);
    out.section = parser.section();
    out.partial = parser.partial();
    return out;
  }
  for (const auto& row : kNames) {
    if (!equal_ignoring_case(row.name, name)) continue;
    parser.skip(length);
    out.kind = row.kind;
    return out;
  }
  parser.fail("a FETCH item");
}

FetchItems macro(std::initializer_list<Kind> kinds) {
  FetchItems out;
  for (const auto kind : kinds) out.push_back({.kind = kind, .peek = false, .section = {}, .partial = {}});
  return out;
}

}  // namespace

FetchItems parse_fetch_items(Parser& parser) {
  if (parser.peek() == '(') {
    FetchItems out;
    parser.list([&] { out.push_back(parse_fetch_item(parser)); });
    return out;
  }
  if (parser.accept_word("ALL")) return macro({Kind::Flags, Kind::InternalDate, Kind::Rfc822Size, Kind::Envelope});
  if (parser.accept_word("FAST")) return macro({Kind::Flags, Kind::InternalDate, Kind::Rfc822Size});
  if (parser.accept_word("FULL"))
    return macro({Kind::Flags, Kind::InternalDate, Kind::Rfc822Size, Kind::Envelope, Kind::Body});
  return {parse_fetch_item(parser)};
}

void print_section(Printer& printer, const Section& section) {
  printer.raw("[");
  bool first = true;
  for (const auto part : section.part) {
    if (!first) printer.raw(".");
    first = false;
    printer.number(part);
  }
  const char* const dot = first ? "" : ".";
  switch (section.text) {
    case Section::Text::All: break;
    case Section::Text::Header: printer.raw(dot).raw("HEADER"); break;
    case Section::Text::Text: printer.raw(dot).raw("TEXT"); break;
    case Section::Text::Mime: printer.raw(dot).raw("MIME"); break;
    case Section::Text::HeaderFields: printer.raw(dot).raw("HEADER.FIELDS"); break;
    case Section::Text::HeaderFieldsNot: printer.raw(dot).raw("HEADER.FIELDS.NOT"); break;
  }
  if (section.text == Section::Text::HeaderFields || section.text == Section::Text::HeaderFieldsNot) {
    printer.raw(" (");
    for (std::size_t i = 0; i < section.fields.size(); ++i) {
      if (i > 0) printer.sp();
      printer.astring(section.fields[i]);
    }
    printer.raw(")");
  }
  printer.raw("]");
}

void print_fetch_item(Printer& printer, const FetchItem& item) {
  if (item.kind == Kind::BodySection) {
    printer.raw(item.peek ? "BODY.PEEK" : "BODY");
    print_section(printer, item.section);
    if (item.partial) printer.raw("<").number(item.partial->offset).raw(".").number(item.partial->length).raw(">");
    return;
  }
  for (const auto& row : kNames)
    if (row.kind == item.kind) printer.raw(row.name);
  for (const auto& row : kNamesToAsk)
    if (row.kind == item.kind) printer.raw(row.name);
}

}  // namespace imap
