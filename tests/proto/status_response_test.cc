// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/status_response.h"

#include <gtest/gtest.h>

#include "proto/parser.h"
#include "proto/printer.h"
#include "proto/status_response_text.h"

namespace {

using namespace imap;
using Kind = ResponseCode::Kind;
using Words = std::vector<std::string>;

StatusResponse parsed(std::string_view text) {
  Frame frame;
  frame.text = text;
  Parser parser(frame);
  parser.lenient = true;
  const auto kind = status_kind(parser.atom());
  EXPECT_TRUE(kind) << text;
  auto out = parse_status_text(parser, kind.value_or(StatusResponse::Kind::Ok));
  EXPECT_TRUE(parser.at_end()) << text;
  return out;
}

std::string printed(const StatusResponse& status) {
  std::string out;
  Printer printer(out);
  print_status(printer, status);
  return out;
}

void expect_both_ways(std::string_view text, const StatusResponse& status) {
  EXPECT_EQ(parsed(text), status) << text << " was read as " << printed(parsed(text));
  EXPECT_EQ(printed(status), text);
}

StatusResponse ok(ResponseCode code) { return StatusResponse::ok("done").with(std::move(code)); }
std::vector<Uid> uids(std::initializer_list<std::uint32_t> numbers) {
  std::vector<Uid> out;
  for (const auto n : numbers) out.push_back(Uid(n));
  return out;
}

TEST(StatusResponse, kinds) {
  expect_both_ways("OK done", StatusResponse::ok("done"));
  expect_both_ways("NO done", StatusResponse::no("done"));
  expect_both_ways("BAD done", StatusResponse::bad("done"));
  expect_both_ways("BYE done", StatusResponse::bye("done"));
  expect_both_ways("PREAUTH done", {StatusResponse::Kind::PreAuth, std::nullopt, "done"});
  EXPECT_EQ(parsed("ok done"), StatusResponse::ok("done"));
  EXPECT_FALSE(status_kind("OKAY"));
}

TEST(StatusResponse, codes_without_payload) {
  for (const auto& [name, kind] :
       std::initializer_list<std::pair<std::string, Kind>>{{"ALERT", Kind::Alert},
                                                           {"ALREADYEXISTS", Kind::AlreadyExists},
                                                           {"AUTHENTICATIONFAILED", Kind::AuthenticationFailed},
                                                           {"AUTHORIZATIONFAILED", Kind::AuthorizationFailed},
                                                           {"BADCHARSET", Kind::BadCharset},
                                                           {"CANNOT", Kind::Cannot},
                                                           {"CLIENTBUG", Kind::ClientBug},
                                                           {"CLOSED", Kind::Closed},
                                                           {"COMPRESSIONACTIVE", Kind::CompressionActive},
                                                           {"CONTACTADMIN", Kind::ContactAdmin},
                                                           {"CORRUPTION", Kind::Corruption},
                                                           {"EXPIRED", Kind::Expired},
                                                           {"EXPUNGEISSUED", Kind::ExpungeIssued},
                                                           {"HASCHILDREN", Kind::HasChildren},
                                                           {"INUSE", Kind::InUse},
                                                           {"LIMIT", Kind::Limit},
                                                           {"NONEXISTENT", Kind::NonExistent},
                                                           {"NOMODSEQ", Kind::NoModSeq},
                                                           {"NOPERM", Kind::NoPerm},
                                                           {"NOTSAVED", Kind::NotSaved},
                                                           {"OVERQUOTA", Kind::OverQuota},
                                                           {"PARSE", Kind::Parse},
                                                           {"PRIVACYREQUIRED", Kind::PrivacyRequired},
                                                           {"READ-ONLY", Kind::ReadOnly},
                                                           {"READ-WRITE", Kind::ReadWrite},
                                                           {"SERVERBUG", Kind::ServerBug},
                                                           {"TOOBIG", Kind::TooBig},
                                                           {"TRYCREATE", Kind::TryCreate},
                                                           {"UIDNOTSTICKY", Kind::UidNotSticky},
                                                           {"UNAVAILABLE", Kind::Unavailable},
                                                           {"UNKNOWN-CTE", Kind::UnknownCte},
                                                           {"USEATTR", Kind::UseAttr}})
    expect_both_ways("OK [" + name + "] done", ok(kind));
}

TEST(StatusResponse, codes_with_payload) {
  const auto number = [](Kind kind, std::uint64_t n) { return ok({kind, n}); };
  expect_both_ways("OK [UIDNEXT 4392] done", number(Kind::UidNext, 4392));
  expect_both_ways("OK [UIDVALIDITY 3857529045] done", number(Kind::UidValidity, 3857529045));
  expect_both_ways("OK [UNSEEN 17] done", number(Kind::Unseen, 17));
  expect_both_ways("OK [HIGHESTMODSEQ 9223372036854775807] done", number(Kind::HighestModSeq, 9223372036854775807));
  expect_both_ways("OK [CAPABILITY IMAP4rev1 LITERAL+ AUTH=PLAIN] done",
                   ok({Kind::Capability, Words{"IMAP4rev1", "LITERAL+", "AUTH=PLAIN"}}));
  expect_both_ways("OK [PERMANENTFLAGS (\\Deleted $Forwarded \\*)] done",
                   ok({Kind::PermanentFlags, Words{"\\Deleted", "$Forwarded", "\\*"}}));
  expect_both_ways("OK [PERMANENTFLAGS ()] done", ok({Kind::PermanentFlags, Words{}}));
  expect_both_ways("OK [BADCHARSET (US-ASCII UTF-8)] done", ok({Kind::BadCharset, Words{"US-ASCII", "UTF-8"}}));
  expect_both_ways("OK [MAILBOXID (F2212ea87-6097)] done", ok({Kind::MailboxId, std::string("F2212ea87-6097")}));
  expect_both_ways("OK [MODIFIED 7,9:11] done", ok({Kind::Modified, SequenceSet{{{7, 7}, {9, 11}}, false}}));
  expect_both_ways("OK [APPENDUID 38505 3955:3957] done",
                   ok({Kind::AppendUid, ResponseCode::AppendedUids{UidValidity(38505), UidSet{{3955, 3957}}}}));
}

// Pairs of UIDs keep their order, whatever it is.
TEST(StatusResponse, copied_uids) {
  const auto copied = [](std::vector<Uid> from, std::vector<Uid> to) {
    return ok({Kind::CopyUid, ResponseCode::CopiedUids{UidValidity(9), std::move(from), std::move(to)}});
  };
  expect_both_ways("OK [COPYUID 9 304,319:320 3956:3958] done",
                   copied(uids({304, 319, 320}), uids({3956, 3957, 3958})));
  expect_both_ways("OK [COPYUID 9 1:3 7,6,5] done", copied(uids({1, 2, 3}), uids({7, 6, 5})));
  EXPECT_EQ(parsed("OK [COPYUID 9 1:3 7:5] done"), copied(uids({1, 2, 3}), uids({7, 6, 5})));
  EXPECT_EQ(parsed("OK [COPYUID 9 1:4294967295 1:4294967295] done").code->kind, Kind::Other);
}

TEST(StatusResponse, what_nobody_knows_is_kept) {
  const auto other = [](std::string text) { return ok({Kind::Other, std::move(text)}); };
  expect_both_ways("OK [XYZZY] done", other("XYZZY"));
  expect_both_ways("OK [XYZZY (a b) 7] done", other("XYZZY (a b) 7"));
  expect_both_ways("OK [UIDNEXT] done", other("UIDNEXT"));
  expect_both_ways("OK [UIDNEXT x] done", other("UIDNEXT x"));
  expect_both_ways("OK [ALERT now] done", other("ALERT now"));
  expect_both_ways("OK [COPYUID 1] done", other("COPYUID 1"));
  expect_both_ways("OK [HIGHESTMODSEQ 9223372036854775808] done", other("HIGHESTMODSEQ 9223372036854775808"));
}

TEST(StatusResponse, what_servers_write_badly) {
  EXPECT_EQ(parsed("OK"), StatusResponse::ok(""));
  EXPECT_EQ(parsed("OK "), StatusResponse::ok(""));
  EXPECT_EQ(parsed("OK [HIGHESTMODSEQ 5]"), StatusResponse::ok("").with({Kind::HighestModSeq, std::uint64_t{5}}));
  EXPECT_EQ(parsed("OK [UIDNEXT 5 ]done"), ok({Kind::UidNext, std::uint64_t{5}}));
  EXPECT_EQ(parsed("OK  [uidnext 5]  done"), ok({Kind::UidNext, std::uint64_t{5}}));
  EXPECT_EQ(parsed("NO [] what"), StatusResponse::no("[] what"));
  EXPECT_EQ(parsed("NO [what"), StatusResponse::no("[what"));
  EXPECT_EQ(parsed("NO [(x)] what"), StatusResponse::no("[(x)] what"));
}

// A line stays one line, and a text does not become a code.
TEST(StatusResponse, printing_is_strict) {
  EXPECT_EQ(printed(StatusResponse::no("a\r\nb OK \xc3\xa4\x7f")), "NO a??b OK ???");
  EXPECT_EQ(printed(StatusResponse::no("")), "NO .");
  EXPECT_EQ(printed(StatusResponse::no("[ALERT] x")), "NO (ALERT] x");
  EXPECT_EQ(printed(ok({Kind::Other, std::string("X ]\r\n* BYE")})), "OK [X ???* BYE] done");
  EXPECT_EQ(printed(ok({Kind::PermanentFlags, Words{"a]b\n"}})), "OK [PERMANENTFLAGS (a?b?)] done");
}

TEST(StatusResponse, refusals) {
  EXPECT_EQ(StatusResponse::no({base::Reason::NoSuchMailbox, "x"}), StatusResponse::no("x").with(Kind::NonExistent));
  EXPECT_EQ(StatusResponse::no({base::Reason::NoSpace, "x"}), StatusResponse::no("x").with(Kind::OverQuota));
  EXPECT_EQ(StatusResponse::no({base::Reason::Failed, "x"}), StatusResponse::no("x"));
  EXPECT_EQ(printed(StatusResponse::no({base::Reason::BadCharset, "x"})), "NO [BADCHARSET] x");
}

}  // namespace
