// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/status_response.h"

#include <array>

#include "proto/parser.h"
#include "proto/printer.h"
#include "proto/status_response_text.h"

namespace imap {

namespace {

using Kind = ResponseCode::Kind;

enum class Argument : std::uint8_t { None, Number, Words, OptionalWords, Text, Messages, Appended, Copied };

struct Row {
  Kind kind;
  std::string_view name;
  Argument argument = Argument::None;
};

// RFC 9051 section 7.1, RFC 4315, RFC 5530, RFC 7162, RFC 6154, RFC 4978, RFC 8474.
constexpr Row kRows[] = {
    {Kind::Alert, "ALERT"},
    {Kind::AlreadyExists, "ALREADYEXISTS"},
    {Kind::AppendUid, "APPENDUID", Argument::Appended},
    {Kind::AuthenticationFailed, "AUTHENTICATIONFAILED"},
    {Kind::AuthorizationFailed, "AUTHORIZATIONFAILED"},
    {Kind::BadCharset, "BADCHARSET", Argument::OptionalWords},
    {Kind::Cannot, "CANNOT"},
    {Kind::Capability, "CAPABILITY", Argument::Words},
    {Kind::ClientBug, "CLIENTBUG"},
    {Kind::Closed, "CLOSED"},
    {Kind::CompressionActive, "COMPRESSIONACTIVE"},
    {Kind::ContactAdmin, "CONTACTADMIN"},
    {Kind::CopyUid, "COPYUID", Argument::Copied},
    {Kind::Corruption, "CORRUPTION"},
    {Kind::Expired, "EXPIRED"},
    {Kind::ExpungeIssued, "EXPUNGEISSUED"},
    {Kind::HasChildren, "HASCHILDREN"},
    {Kind::HighestModSeq, "HIGHESTMODSEQ", Argument::Number},
    {Kind::InUse, "INUSE"},
    {Kind::Limit, "LIMIT"},
    {Kind::MailboxId, "MAILBOXID", Argument::Text},
    {Kind::Modified, "MODIFIED", Argument::Messages},
    {Kind::NonExistent, "NONEXISTENT"},
    {Kind::NoModSeq, "NOMODSEQ"},
    {Kind::NoPerm, "NOPERM"},
    {Kind::NotSaved, "NOTSAVED"},
    {Kind::OverQuota, "OVERQUOTA"},
    {Kind::Parse, "PARSE"},
    {Kind::PermanentFlags, "PERMANENTFLAGS", Argument::Words},
    {Kind::PrivacyRequired, "PRIVACYREQUIRED"},
    {Kind::ReadOnly, "READ-ONLY"},
    {Kind::ReadWrite, "READ-WRITE"},
    {Kind::ServerBug, "SERVERBUG"},
    {Kind::TooBig, "TOOBIG"},
    {Kind::TryCreate, "TRYCREATE"},
    {Kind::UidNext, "UIDNEXT", Argument::Number},
    {Kind::UidNotSticky, "UIDNOTSTICKY"},
    {Kind::UidValidity, "UIDVALIDITY", Argument::Number},
    {Kind::Unavailable, "UNAVAILABLE"},
    {Kind::UnknownCte, "UNKNOWN-CTE"},
    {Kind::Unseen, "UNSEEN", Argument::Number},
    {Kind::UseAttr, "USEATTR"},
};

struct CodeOfReason {
  base::Reason reason;
  Kind kind;
};
constexpr CodeOfReason kReasons[] = {
    {base::Reason::NoSuchMailbox, Kind::NonExistent},
    {base::Reason::AlreadyExists, Kind::AlreadyExists},
    {base::Reason::InvalidName, Kind::Cannot},
    {base::Reason::HasChildren, Kind::HasChildren},
    {base::Reason::ReadOnly, Kind::ReadOnly},
    {base::Reason::NoSpace, Kind::OverQuota},
    {base::Reason::TooBig, Kind::TooBig},
    {base::Reason::Limit, Kind::Limit},
    {base::Reason::Expunged, Kind::ExpungeIssued},
    {base::Reason::NotPermitted, Kind::NoPerm},
    {base::Reason::InUse, Kind::InUse},
    {base::Reason::BadCharset, Kind::BadCharset},
    {base::Reason::UseAttr, Kind::UseAttr},
    {base::Reason::Authentication, Kind::AuthenticationFailed},
    {base::Reason::Corrupt, Kind::Corruption},
};

// Pairs keep their order, so "5:3" is counted downwards.
std::vector<Uid> ordered_uids(Parser& parser) {
  std::vector<Uid> out;
  do {
    const auto first = parser.nz_number();
    const auto last = parser.accept(':') ? parser.nz_number() : first;
    const auto count = std::uint64_t(first < last ? last - first : first - last) + 1;
    if (out.size() + count > 10'000'000) parser.fail("fewer UIDs");
    for (std::uint64_t i = 0; i < count; ++i)
      out.push_back(Uid(static_cast<std::uint32_t>(first < last ? first + i : first - i)));
  } while (parser.accept(','));
  return out;
}

void print_ordered(Printer& printer, const std::vector<Uid>& uids) {
  for (std::size_t i = 0; i < uids.size();) {
    auto end = i;
    while (end + 1 < uids.size() && uids[end + 1].value == uids[end].value + 1) ++end;
    if (i > 0) printer.raw(",");
    printer.number(uids[i].value);
    if (end > i) printer.raw(":").number(uids[end].value);
    i = end + 1;
  }
}

ResponseCode::Payload parse_payload(Parser& parser, Argument argument) {
  using Payload = ResponseCode::Payload;
  if (argument == Argument::None || (argument == Argument::OptionalWords && parser.peek() == ']')) return {};
  parser.sp();  // a code without the argument that it must have is kept as text
  switch (argument) {
    case Argument::Number: return Payload(std::in_place_type<std::uint64_t>, parser.number64());
    case Argument::Text: {
      std::string out;
      parser.list([&] { out += parser.word(); });
      return Payload(std::in_place_type<std::string>, std::move(out));
    }
    case Argument::Messages: return parser.sequence_set();
    case Argument::Appended: {
      ResponseCode::AppendedUids out;
      out.validity = UidValidity(parser.nz_number());
      parser.sp();
      out.uids = parser.uid_set();
      return out;
    }
    case Argument::Copied: {
      ResponseCode::CopiedUids out;
      out.validity = UidValidity(parser.nz_number());
      parser.sp();
      out.from = ordered_uids(parser);
      parser.sp();
      out.to = ordered_uids(parser);
      return out;
    }
    default: break;
  }
  std::vector<std::string> words;
  if (parser.peek() == '(') {
    parser.list([&] { words.push_back(parser.peek() == '\\' ? parser.flag_name() : std::string(parser.word())); },
                true);
  } else {
    do words.emplace_back(parser.word());
    while (parser.accept(' '));
  }
  return words;
}

// resp-text-code = atom [SP arguments]; what nobody knows, or what does not read as it should, is kept as Other.
ResponseCode parse_code(Parser& parser) {
  const auto text = parser.rest();
  const auto name = parser.word();
  for (const auto& row : kRows) {
    if (!equal_ignoring_case(row.name, name)) continue;
    try {
      Parser attempt = parser;
      ResponseCode out(row.kind, parse_payload(attempt, row.argument));
      attempt.skip_spaces();
      if (attempt.peek() == ']') {
        parser.skip(attempt.offset() - parser.offset());
        return out;
      }
    } catch (const SyntaxError&) {  // falls through to Other
    }
  }
  const auto end = text.find(']');
  if (end == std::string_view::npos) parser.fail("']'");
  parser.skip(end - name.size());
  return {Kind::Other, ResponseCode::Payload(std::in_place_type<std::string>, text.substr(0, end))};
}

// "[" code "]"; brackets that hold no code are the beginning of the text.
std::optional<ResponseCode> parse_bracketed_code(Parser& parser) {
  if (parser.peek() != '[') return std::nullopt;
  try {
    Parser attempt = parser;
    attempt.expect('[');
    auto out = parse_code(attempt);
    attempt.skip_spaces();
    attempt.expect(']');
    parser.skip(attempt.offset() - parser.offset());
    return out;
  } catch (const SyntaxError&) {
    return std::nullopt;
  }
}

// What goes into a line comes from elsewhere too (a file's name, an error's text): one line of printable ASCII.
void print_plain(Printer& printer, std::string_view text, char also_not = '\0') {
  for (const char c : text) printer.out() += c >= 0x20 && c < 0x7F && c != also_not ? c : '?';
}

}  // namespace

StatusResponse StatusResponse::no(const base::Refusal& refusal) {
  StatusResponse out = no(refusal.text);
  for (const auto& row : kReasons)
    if (row.reason == refusal.reason) out.code = ResponseCode(row.kind);
  return out;
}

StatusResponse parse_status_text(Parser& parser, StatusResponse::Kind kind) {
  StatusResponse out;
  out.kind = kind;
  parser.skip_spaces();
  out.code = parse_bracketed_code(parser);
  if (out.code) parser.skip_spaces();
  out.text = parser.rest();
  parser.skip(out.text.size());
  return out;
}

std::optional<StatusResponse::Kind> status_kind(std::string_view word) {
  if (equal_ignoring_case(word, "OK")) return StatusResponse::Kind::Ok;
  if (equal_ignoring_case(word, "NO")) return StatusResponse::Kind::No;
  if (equal_ignoring_case(word, "BAD")) return StatusResponse::Kind::Bad;
  if (equal_ignoring_case(word, "BYE")) return StatusResponse::Kind::Bye;
  if (equal_ignoring_case(word, "PREAUTH")) return StatusResponse::Kind::PreAuth;
  return std::nullopt;
}

void print_code(Printer& printer, const ResponseCode& code) {
  if (code.kind == Kind::Other) {
    if (const auto* text = std::get_if<std::string>(&code.payload)) print_plain(printer, *text, ']');
    return;
  }
  for (const auto& row : kRows)
    if (row.kind == code.kind) printer.raw(row.name);
  if (const auto* number = std::get_if<std::uint64_t>(&code.payload)) {
    printer.sp().number(*number);
  } else if (const auto* words = std::get_if<std::vector<std::string>>(&code.payload)) {
    const bool parentheses = code.kind != Kind::Capability;
    if (words->empty() && code.kind == Kind::BadCharset) return;
    printer.raw(parentheses ? " (" : " ");
    bool first = true;
    for (const auto& word : *words) {
      printer.raw(first ? "" : " ");
      print_plain(printer, word, ']');
      first = false;
    }
    if (parentheses) printer.raw(")");
  } else if (const auto* text = std::get_if<std::string>(&code.payload)) {
    printer.raw(" (");
    print_plain(printer, *text, ']');
    printer.raw(")");
  } else if (const auto* messages = std::get_if<SequenceSet>(&code.payload)) {
    printer.sp().sequence_set(*messages);
  } else if (const auto* appended = std::get_if<ResponseCode::AppendedUids>(&code.payload)) {
    printer.sp().number(appended->validity.value).sp().set(appended->uids);
  } else if (const auto* copied = std::get_if<ResponseCode::CopiedUids>(&code.payload)) {
    printer.sp().number(copied->validity.value).sp();
    print_ordered(printer, copied->from);
    printer.sp();
    print_ordered(printer, copied->to);
  }
}

void print_status(Printer& printer, const StatusResponse& status) {
  static constexpr std::array<std::string_view, 5> kKinds{"OK", "NO", "BAD", "BYE", "PREAUTH"};
  printer.raw(kKinds[static_cast<std::size_t>(status.kind)]).sp();
  if (status.code) {
    printer.raw("[");
    print_code(printer, *status.code);
    printer.raw("] ");
  }
  std::string_view text = status.text;
  if (text.empty()) printer.raw(".");           // the grammar wants one character
  if (!status.code && text.starts_with('[')) {  // must not be read as a code
    printer.raw("(");
    text.remove_prefix(1);
  }
  print_plain(printer, text);
}

}  // namespace imap
