// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/message_data.h"

#include <algorithm>

#include "proto/message_data_text.h"
#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// A text for people: quoted where it is plain as it stands, else a literal of what is left of it. Dovecot does so, and
// clients that compare octets see the same.
void print_for_people(Printer& printer, const NString& text) {
  if (!text) {
    printer.raw("NIL");
    return;
  }
  const auto collapsed = collapse_spaces(*text);
  const bool plain = collapsed == *text && std::ranges::none_of(collapsed, [](char c) {
                       return c == '"' || c == '\\' || static_cast<unsigned char>(c) >= 0x80;
                     });
  if (plain || collapsed.empty())
    printer.string(collapsed);
  else
    printer.literal(collapsed);
}

void print_addresses(Printer& printer, const AddressList& addresses) {
  if (addresses.empty()) {
    printer.raw("NIL");
    return;
  }
  printer.raw("(");
  for (const auto& address : addresses) {
    printer.raw("(");
    print_for_people(printer, address.name);
    printer.sp().nstring(address.adl).sp().nstring(address.mailbox).sp().nstring(address.host).raw(")");
  }
  printer.raw(")");
}

void print_parameters(Printer& printer, const Parameters& parameters) {
  if (parameters.empty()) {
    printer.raw("NIL");
    return;
  }
  printer.raw("(");
  bool first = true;
  for (const auto& [name, value] : parameters) {
    if (!first) printer.sp();
    first = false;
    printer.string(name).sp().string(value);
  }
  printer.raw(")");
}

// body-fld-dsp, body-fld-lang, body-fld-loc
void print_common_extension(Printer& printer, const BodyStructure& body) {
  printer.sp();
  if (body.disposition) {
    printer.raw("(").string(body.disposition->first).sp();
    print_parameters(printer, body.disposition->second);
    printer.raw(")");
  } else {
    printer.raw("NIL");
  }
  printer.sp();
  if (body.languages.empty()) {
    printer.raw("NIL");
  } else {
    printer.raw("(");
    bool first = true;
    for (const auto& language : body.languages) {
      if (!first) printer.sp();
      first = false;
      printer.string(language);
    }
    printer.raw(")");
  }
  printer.sp().nstring(body.location);
}

AddressList parse_addresses(Parser& parser) {
  AddressList out;
  if (parser.accept_word("NIL")) return out;
  if (parser.lenient && (parser.peek() == '"' || parser.peek() == '{')) {  // "" instead of NIL
    parser.string();
    return out;
  }
  parser.expect('(');
  while (!parser.accept(')')) {
    parser.skip_spaces();
    Address address;
    parser.expect('(');
    address.name = parser.nstring();
    parser.sp();
    address.adl = parser.nstring();
    parser.sp();
    address.mailbox = parser.nstring();
    parser.sp();
    address.host = parser.nstring();
    parser.expect(')');
    parser.skip_spaces();
    out.push_back(std::move(address));
  }
  return out;
}

Parameters parse_parameters(Parser& parser) {
  Parameters out;
  if (parser.accept_word("NIL")) return out;
  parser.list(
      [&] {
        auto name = parser.nstring();
        parser.sp();
        auto value = parser.nstring();
        out.emplace_back(name.value_or(""), value.value_or(""));
      },
      true);
  return out;
}

void parse_common_extension(Parser& parser, BodyStructure& body) {
  if (!parser.accept(' ')) return;
  if (!parser.accept_word("NIL")) {
    parser.expect('(');
    auto type = parser.nstring();
    parser.sp();
    body.disposition.emplace(type.value_or(""), parse_parameters(parser));
    parser.expect(')');
  }
  if (!parser.accept(' ')) return;
  if (parser.peek() == '(')
    parser.list([&] { body.languages.push_back(parser.nstring().value_or("")); }, true);
  else if (auto language = parser.nstring())
    body.languages.push_back(std::move(*language));
  if (!parser.accept(' ')) return;
  body.location = parser.nstring();
  while (parser.accept(' ')) parser.skip_value();  // body-extension
}

}  // namespace

std::string collapse_spaces(std::string_view text) {
  std::string out;
  bool space = false;
  for (const char c : text) {
    if (is_space(c)) {
      space = true;
      continue;
    }
    if (space && !out.empty()) out += ' ';
    space = false;
    out += c;
  }
  return out;
}

void print_envelope(Printer& printer, const Envelope& envelope) {
  printer.raw("(").nstring(envelope.date).sp();
  print_for_people(printer, envelope.subject);
  for (const auto* list :
       {&envelope.from, &envelope.sender, &envelope.reply_to, &envelope.to, &envelope.cc, &envelope.bcc}) {
    printer.sp();
    print_addresses(printer, *list);
  }
  printer.sp().nstring(envelope.in_reply_to).sp().nstring(envelope.message_id).raw(")");
}

// body = "(" (body-type-1part / body-type-mpart) ")" (RFC 9051 section 9)
void print_body(Printer& printer, const BodyStructure& body, bool extended) {
  printer.raw("(");
  if (body.is_multipart()) {
    for (const auto& child : body.children) print_body(printer, child, extended);
    printer.sp().string(body.subtype);
    if (extended) {
      printer.sp();
      print_parameters(printer, body.parameters);
      print_common_extension(printer, body);
    }
    printer.raw(")");
    return;
  }
  printer.string(body.type).sp().string(body.subtype).sp();
  print_parameters(printer, body.parameters);
  printer.sp().nstring(body.id).sp().nstring(body.description).sp().string(body.encoding).sp().number(body.size);
  if (body.envelope && !body.children.empty()) {
    printer.sp();
    print_envelope(printer, *body.envelope);
    printer.sp();
    print_body(printer, body.children.at(0), extended);
    printer.sp().number(body.lines);
  } else if (equal_ignoring_case(body.type, "text")) {
    printer.sp().number(body.lines);
  }
  if (extended) {
    printer.sp().nstring(body.md5);
    print_common_extension(printer, body);
  }
  printer.raw(")");
}

std::uint64_t parse_count(Parser& parser) {
  if (parser.lenient && parser.accept_nil()) return 0;
  const bool quoted = parser.lenient && parser.accept('"');
  const auto out = parser.number64();
  if (quoted) parser.expect('"');
  return out;
}

// envelope = "(" env-date SP env-subject SP env-from SP ... SP env-message-id ")"
Envelope parse_envelope(Parser& parser) {
  Envelope out;
  parser.expect('(');
  out.date = parser.nstring();
  parser.sp();
  out.subject = parser.nstring();
  for (auto* list : {&out.from, &out.sender, &out.reply_to, &out.to, &out.cc, &out.bcc}) {
    parser.sp();
    *list = parse_addresses(parser);
  }
  parser.sp();
  out.in_reply_to = parser.nstring();
  parser.sp();
  out.message_id = parser.nstring();
  parser.expect(')');
  return out;
}

BodyStructure parse_body(Parser& parser) {
  const Nested nested(parser);
  BodyStructure out;
  parser.expect('(');
  if (parser.peek() == '(') {
    out.type = "multipart";
    while (parser.peek() == '(') {
      out.children.push_back(parse_body(parser));
      if (parser.lenient) parser.skip_spaces();
    }
    if (!parser.lenient) parser.sp();
    out.subtype = parser.nstring().value_or("mixed");
    if (parser.accept(' ')) {
      out.parameters = parse_parameters(parser);
      parse_common_extension(parser, out);
    }
    parser.expect(')');
    return out;
  }
  out.type = parser.nstring().value_or("text");
  parser.sp();
  out.subtype = parser.nstring().value_or("plain");
  parser.sp();
  out.parameters = parse_parameters(parser);
  parser.sp();
  out.id = parser.nstring();
  parser.sp();
  out.description = parser.nstring();
  parser.sp();
  out.encoding = parser.nstring().value_or("7bit");
  parser.sp();
  out.size = parse_count(parser);
  const bool message = equal_ignoring_case(out.type, "message") &&
                       (equal_ignoring_case(out.subtype, "rfc822") || equal_ignoring_case(out.subtype, "global"));
  if (message && parser.rest().starts_with(" (")) {
    parser.sp();
    out.envelope = std::make_unique<Envelope>(parse_envelope(parser));
    parser.sp();
    out.children.push_back(parse_body(parser));
    parser.sp();
    out.lines = parse_count(parser);
  } else if (equal_ignoring_case(out.type, "text") && parser.peek() == ' ') {
    parser.sp();
    out.lines = parse_count(parser);
  }
  if (parser.accept(' ')) {
    out.md5 = parser.nstring();
    parse_common_extension(parser, out);
  }
  parser.expect(')');
  return out;
}

}  // namespace imap
