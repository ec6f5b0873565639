// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/fetch.h"

#include "proto/fetch_item_text.h"
#include "proto/message_data_text.h"
#include "proto/parser.h"
#include "proto/printer.h"

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

// What is not needed and cannot be understood (an ENVELOPE with quotes within quotes, an empty multipart, a size that
// is none) does not make the rest of its line worthless: the cursor stays, and the value is kept as of an unknown item.
template <class Parse>
bool attempt(Parser& parser, Parse parse) {
  if (!parser.lenient) {
    parse(parser);
    return true;
  }
  Parser ahead(parser);
  try {
    parse(ahead);
    parser = ahead;
    return true;
  } catch (const SyntaxError&) {
    return false;
  }
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
  if (!bare) parser.expect(')');
  return none ? std::nullopt : std::optional(modseq);
}

void keep(Parser& parser, std::string_view name, FetchResponse& out) {
  const auto value = parser.rest();
  parser.skip_value();
  out.others.emplace_back(name, value.substr(0, value.size() - parser.rest().size()));
}

void parse_item(Parser& parser, FetchResponse& out) {
  const auto start = parser.rest();
  std::size_t length = 0;
  while (length < start.size() && is_item_char(start[length])) ++length;
  const auto name = start.substr(0, length);
  const bool section = length < start.size() && start[length] == '[';
  parser.skip(length);
  const auto is = [&](std::string_view word) { return equal_ignoring_case(name, word); };
  if (section && is("BODY")) {
    out.texts.push_back(parse_text(parser, FetchItem::Kind::BodySection));
  } else if (is("RFC822")) {
    out.texts.push_back(parse_text(parser, FetchItem::Kind::Rfc822));
  } else if (is("RFC822.HEADER")) {
    out.texts.push_back(parse_text(parser, FetchItem::Kind::Rfc822Header));
  } else if (is("RFC822.TEXT")) {
    out.texts.push_back(parse_text(parser, FetchItem::Kind::Rfc822Text));
  } else if (is("UID")) {
    parser.sp();
    out.uid = Uid(parse_uid(parser));
  } else if (is("FLAGS")) {
    parser.sp();
    out.flags = parse_flags(parser, out.recent);
  } else if (is("INTERNALDATE")) {
    if (!parser.lenient || parser.peek() != ')') parser.sp();
    out.internal_date = parse_internal_date(parser);
  } else if (is("RFC822.SIZE")) {
    parser.sp();
    if (!attempt(parser, [&](Parser& p) { out.size = parse_size(p); })) keep(parser, name, out);
  } else if (is("MODSEQ")) {
    parser.sp();
    out.modseq = parse_modseq(parser);
  } else if (is("ENVELOPE")) {
    parser.sp();
    const auto take = [&](Parser& p) { out.envelope = std::make_shared<const Envelope>(parse_envelope(p)); };
    if (!attempt(parser, take)) keep(parser, name, out);
  } else if (is("BODY") || is("BODYSTRUCTURE")) {
    parser.sp();
    const auto take = [&](Parser& p) { out.body = std::make_shared<const BodyStructure>(parse_body(p)); };
    if (attempt(parser, take))
      out.body_extended = is("BODYSTRUCTURE");
    else
      keep(parser, name, out);
  } else {
    if (name.empty()) parser.fail("a FETCH item");
    if (section) {
      const auto end = parser.rest().find(']');
      if (end == std::string_view::npos) parser.fail("']'");
      parser.skip(end + 1);
    }
    parser.sp();
    keep(parser, start.substr(0, start.size() - parser.rest().size() - 1), out);
  }
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
