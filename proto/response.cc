// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response.h"

#include "proto/parser.h"
#include "proto/status_response_text.h"

namespace imap {

namespace {

Response parse_numbered(Parser& parser) {
  const auto rest = parser.rest();
  const auto space = rest.find(' ');
  if (space == std::string_view::npos) parser.fail("a response");
  const auto end = rest.find_first_of(" \r(", space + 1);
  const auto name = rest.substr(space + 1, end == std::string_view::npos ? end : end - space - 1);
  if (equal_ignoring_case(name, "FETCH") || equal_ignoring_case(name, "UIDFETCH")) return FetchResponse::parse(parser);
  if (equal_ignoring_case(name, "EXISTS")) return ExistsResponse::parse(parser);
  if (equal_ignoring_case(name, "RECENT")) return RecentResponse::parse(parser);
  if (equal_ignoring_case(name, "EXPUNGE")) return ExpungeResponse::parse(parser);
  return UnknownResponse{std::string(rest)};
}

Response parse_untagged(Parser& parser) {
  if (parser.peek() >= '0' && parser.peek() <= '9') return parse_numbered(parser);
  const auto start = parser.rest();
  const auto name = parser.word();
  const auto is = [&](std::string_view word) { return equal_ignoring_case(name, word); };
  if (const auto kind = status_kind(name)) return TaggedResponse{"", parse_status_text(parser, *kind)};
  if (is("CAPABILITY")) return CapabilityResponse::parse(parser);
  if (is("ENABLED")) return EnabledResponse::parse(parser);
  if (is("ESEARCH")) return EsearchResponse::parse(parser);
  if (is("FLAGS")) return FlagsResponse::parse(parser);
  if (is("ID")) return IdResponse::parse(parser);
  if (is("LIST")) return ListResponse::parse(parser);
  if (is("LSUB")) {
    auto out = ListResponse::parse(parser);
    out.lsub = true;
    return out;
  }
  if (is("NAMESPACE")) return NamespaceResponse::parse(parser);
  if (is("SEARCH")) return SearchResponse::parse(parser);
  if (is("STATUS")) return MailboxStatusResponse::parse(parser);
  if (is("VANISHED")) return VanishedResponse::parse(parser);
  return UnknownResponse{std::string(start)};
}

}  // namespace

// response = continue-req / response-data / response-tagged (RFC 9051 section 9)
Response parse_response(const Frame& frame) {
  Parser parser(frame);
  parser.lenient = true;
  if (parser.accept('+')) {
    parser.accept(' ');
    return ContinueResponse{std::string(parser.rest())};
  }
  if (parser.accept('*')) {
    parser.sp();
    parser.skip_spaces();
    return parse_untagged(parser);
  }
  std::string tag(parser.tag());
  parser.sp();
  const auto kind = status_kind(parser.atom());
  if (!kind) parser.fail("OK, NO or BAD");
  return TaggedResponse{std::move(tag), parse_status_text(parser, *kind)};
}

void print(Printer& printer, std::string_view tag, const StatusResponse& status) {
  printer.raw(tag).sp();
  print_status(printer, status);
  printer.crlf();
}

namespace {

struct Print {
  Printer& printer;
  void operator()(const TaggedResponse& r) const {
    imap::print(printer, r.tag.empty() ? "*" : std::string_view(r.tag), r.status);
  }
  void operator()(const ContinueResponse& r) const { printer.raw("+ ").raw(r.text).crlf(); }
  void operator()(const UnknownResponse& r) const { printer.raw("* ").raw(r.text).crlf(); }
  void operator()(const auto& r) const { r.print(printer); }
};

}  // namespace

void print(Printer& printer, const Response& response) { std::visit(Print{printer}, response); }

}  // namespace imap
