// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/fetch.h"

#include "proto/fetch_item_text.h"
#include "proto/message_data_text.h"
#include "proto/parser.h"
#include "proto/printer.h"
#include "proto/response/pass_over.h"

namespace imap {

namespace {

bool is_item_char(char c) {
  return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

FetchResponse::Text parse_text(Parser& parser, FetchItem::Kind kind) {
  FetchResponse::Text out;
  out.kind = kind;
  if (kind == FetchItem::Kind::BodySection) {
    out.section = parser.section();
    if (parser.accept('<')) {
      out.origin = parser.number64();
      parser.expect('>');
    }
  }
  parser.sp();
  out.octets = parser.nliteral();
  return out;
}

FlagSet parse_flags(Parser& parser, bool& recent) {
  FlagSet out;
  if (parser.accept_word("NIL")) return out;
  parser.list(
      [&] {
        const auto name = parser.flag_name();
        if (equal_ignoring_case(name, "\\Recent"))
          recent = true;
        else
          out.add_by_name(name);
      },
      true);
  return out;
}

// What is no date is not worth a message: NIL, a list, a number, one that no calendar has, nothing at all.
std::optional<DateTime> parse_internal_date(Parser& parser) {
  if (!parser.lenient) return parser.date_time();
  constexpr std::size_t kOctets = 26;
  if (const auto rest = parser.rest(); rest.size() > kOctets && rest[kOctets - 6] == ' ')  // without quotes
    if (const auto bare = parse_date_time(rest.substr(0, kOctets))) {
      parser.skip(kOctets);
      return bare;
    }
  if (parser.peek() == ')') return std::nullopt;
  if (parser.peek() != '"' && parser.peek() != '{') {
    parser.skip_value();
    return std::nullopt;
  }
  return parse_date_time(parser.string());
}

std::uint32_t parse_uid(Parser& parser) {
  const auto out = parse_count(parser);
  if (out > 0xFFFFFFFF) parser.fail("a UID below 2^32");
  return static_cast<std::uint32_t>(out);
}

std::uint64_t parse_size(Parser& parser) {
  const auto out = parse_count(parser);
  if (is_item_char(parser.peek())) parser.fail("a size");  // `12kB`
  return out;
}

std::optional<ModSeq> parse_modseq(Parser& parser) {
  const bool bare = parser.lenient && parser.peek() != '(';
  if (!bare) parser.expect('(');
  const bool none = parser.lenient && parser.accept('-');  // -1: it has none yet
  const auto modseq = parser.mod_sequence_or_zero();
  if (bare && is_item_char(parser.peek())) parser.fail("a MODSEQ");
  if (!bare) parser.expect(')');
  return none ? std::nullopt : std::optional(modseq);
}

bool is_text(std::string_view name) {
  return equal_ignoring_case(name, "RFC822") || equal_ignoring_case(name, "RFC822.HEADER") ||
         equal_ignoring_case(name, "RFC822.TEXT");
}

FetchItem::Kind kind_of_text(std::string_view name) {
  if (equal_ignoring_case(name, "RFC822.HEADER")) return FetchItem::Kind::Rfc822Header;
  if (equal_ignoring_case(name, "RFC822.TEXT")) return FetchItem::Kind::Rfc822Text;
  return FetchItem::Kind::Rfc822;
}

// The value of an item that is known; false: it is not.
bool take_known(Parser& parser, std::string_view name, FetchResponse& out) {
  const auto is = [&](std::string_view word) { return equal_ignoring_case(name, word); };
  if (is("FLAGS")) {
    bool recent = false;
    out.flags = parse_flags(parser, recent);
    out.recent = recent;
  } else if (is("INTERNALDATE")) {
    out.internal_date = parse_internal_date(parser);
  } else if (is("RFC822.SIZE")) {
    out.size = parse_size(parser);
  } else if (is("MODSEQ")) {
    out.modseq = parse_modseq(parser);
  } else if (is("ENVELOPE")) {
    out.envelope = std::make_shared<const Envelope>(parse_envelope(parser));
  } else if (is("BODY") || is("BODYSTRUCTURE")) {
    out.body = std::make_shared<const BodyStructure>(parse_body(parser));
    out.body_extended = is("BODYSTRUCTURE");
  } else {
    return false;
  }
  return true;
}

// False: it is not understood, and the cursor stays.
bool take_text(Parser& parser, FetchItem::Kind kind, FetchResponse& out) {
  auto ahead = parser;
  try {
    out.texts.push_back(parse_text(ahead, kind));
  } catch (const SyntaxError&) {
    if (!parser.lenient) throw;
    return false;
  }
  parser = std::move(ahead);
  return true;
}

// Behind a name's "[...]<origin>".
void skip_section(Parser& parser) {
  const auto skip_behind = [&](char last) {
    const auto end = parser.rest().find(last);
    if (end == std::string_view::npos) parser.fail(std::string("'") + last + "'");
    parser.skip(end + 1);
  };
  skip_behind(']');
  if (parser.peek() == '<') skip_behind('>');
}

// What is not understood (an ENVELOPE with quotes within quotes, a size or MODSEQ that is none, a text of a section
// that does not exist) does not make the rest of its line worthless: it is kept as the value of an unknown item is.
// Without a UID the line says nothing.
void parse_item(Parser& parser, FetchResponse& out) {
  const auto start = parser.rest();
  std::size_t length = 0;
  while (length < start.size() && is_item_char(start[length])) ++length;
  const auto name = start.substr(0, length);
  if (name.empty() && !parser.lenient) parser.fail("a FETCH item");
  if (name.empty()) return parser.skip_value();
  const bool section = length < start.size() && start[length] == '[';
  parser.skip(length);
  if (equal_ignoring_case(name, "UID")) {
    parser.sp();
    out.uid = Uid(parse_uid(parser));
    return;
  }
  const bool text = section ? equal_ignoring_case(name, "BODY") : is_text(name);
  if (text && take_text(parser, section ? FetchItem::Kind::BodySection : kind_of_text(name), out)) return;
  if (section) skip_section(parser);
  const auto whole = start.substr(0, start.size() - parser.rest().size());
  if (!parser.lenient || parser.peek() == ' ') parser.sp();
  parser.skip_spaces();
  if (parser.lenient && parser.peek() == ')') return;  // no value
  const auto value = parser.rest();
  bool known = false;
  const bool understood = take_or_pass_over(parser, [&](Parser& ahead) {
    if (!text) known = take_known(ahead, name, out);
    if (!known) ahead.skip_value();
  });
  if (!understood || !known) out.others.emplace_back(whole, value.substr(0, value.size() - parser.rest().size()));
}

std::string body_text(const std::shared_ptr<const BodyStructure>& body, bool extended) {
  std::string out;
  Printer printer(out);
  if (body) print_body(printer, *body, extended);
  return out;
}

}  // namespace

// message-data = nz-number SP "FETCH" SP msg-att; the number stands before the name
// uidfetch-resp = uniqueid SP "UIDFETCH" SP msg-att (RFC 9586); what is printed is a FETCH
// msg-att = "(" (msg-att-dynamic / msg-att-static) *(SP (msg-att-dynamic / msg-att-static)) ")"
FetchResponse FetchResponse::parse(Parser& parser) {
  FetchResponse out;
  out.number = SeqNum(parser.number());
  parser.sp();
  if (parser.accept_word("UIDFETCH"))
    out.uid = Uid(out.number.value);
  else
    parser.expect_word("FETCH");
  parser.sp();
  parser.list([&] { parse_item(parser, out); }, true);
  return out;
}

void FetchResponse::print(Printer& printer) const {
  print_fetch_begin(printer, number);
  bool first = true;
  const auto next = [&]() -> Printer& {
    if (!first) printer.sp();
    first = false;
    return printer;
  };
  if (uid) print_fetch_uid(next(), *uid);
  if (modseq) print_fetch_modseq(next(), *modseq);
  if (flags) next().raw("FLAGS ").flag_list(*flags, recent);
  if (internal_date) next().raw("INTERNALDATE ").date_time(*internal_date);
  if (size) next().raw("RFC822.SIZE ").number(*size);
  if (envelope) {
    next().raw("ENVELOPE ");
    print_envelope(printer, *envelope);
  }
  if (body) {
    next().raw(body_extended ? "BODYSTRUCTURE " : "BODY ");
    print_body(printer, *body, body_extended);
  }
  for (const auto& text : texts) {
    print_fetch_text_name(next(), text.kind, text.section, text.origin);
    printer.sp();
    if (text.octets)
      printer.literal(*text.octets);
    else
      printer.raw("NIL");
  }
  print_fetch_end(printer);
}

bool FetchResponse::operator==(const FetchResponse& o) const {
  const bool same_envelope = (!envelope && !o.envelope) || (envelope && o.envelope && *envelope == *o.envelope);
  return number == o.number && uid == o.uid && flags == o.flags && recent == o.recent &&
         internal_date == o.internal_date && size == o.size && modseq == o.modseq && same_envelope &&
         body_extended == o.body_extended && body_text(body, body_extended) == body_text(o.body, o.body_extended) &&
         texts == o.texts && others == o.others;
}

void print_fetch_begin(Printer& printer, SeqNum number) { printer.raw("* ").number(number.value).raw(" FETCH ("); }
void print_fetch_end(Printer& printer) { printer.raw(")\r\n"); }
void print_fetch_uid(Printer& printer, Uid uid) { printer.raw("UID ").number(uid.value); }
void print_fetch_modseq(Printer& printer, ModSeq modseq) { printer.raw("MODSEQ (").number(modseq.value).raw(")"); }

void print_fetch_text_name(Printer& printer, FetchItem::Kind kind, const Section& section,
                           std::optional<std::uint64_t> origin) {
  switch (kind) {
    case FetchItem::Kind::Rfc822: printer.raw("RFC822"); return;
    case FetchItem::Kind::Rfc822Header: printer.raw("RFC822.HEADER"); return;
    case FetchItem::Kind::Rfc822Text: printer.raw("RFC822.TEXT"); return;
    default: break;
  }
  printer.raw("BODY");
  print_section(printer, section);
  if (origin) printer.raw("<").number(*origin).raw(">");
}

}  // namespace imap
