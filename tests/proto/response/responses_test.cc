// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The other responses: numbers, words, SEARCH, VANISHED, status lines, and what is none.
#include <gtest/gtest.h>

#include "tests/support/response_text.h"

namespace {

using namespace imap;
using tests::expect_no_response;
using tests::expect_response;
using tests::expect_response_reprints;

TEST(Response, StatusLines) {
  expect_response("* OK ready", TaggedResponse{"", StatusResponse::ok("ready")});
  expect_response("* BYE later", TaggedResponse{"", StatusResponse::bye("later")});
  expect_response("* PREAUTH hello", TaggedResponse{"", {StatusResponse::Kind::PreAuth, std::nullopt, "hello"}});
  expect_response("a1 OK [READ-WRITE] done",
                  TaggedResponse{"a1", StatusResponse::ok("done").with(ResponseCode::Kind::ReadWrite)});
  expect_response("a1 no sorry", TaggedResponse{"a1", StatusResponse::no("sorry")}, "a1 NO sorry");
  // Texts for people may hold anything, the mark of a literal too.
  expect_response("a1 BAD what {3}", TaggedResponse{"a1", StatusResponse::bad("what {3}")});
  expect_no_response({"", "a1", "a1 ", "a1 WHAT", "*", "* ", "(a OK x"});
}

TEST(Response, Continuations) {
  expect_response("+ idling", ContinueResponse{"idling"});
  expect_response("+", ContinueResponse{}, "+ ");
  expect_response("+ ", ContinueResponse{});
  expect_response("+OK", ContinueResponse{"OK"}, "+ OK");
}

TEST(Response, Numbers) {
  expect_response("* 17 EXISTS", ExistsResponse{17});
  expect_response("* 0 recent", RecentResponse{0}, "* 0 RECENT");
  expect_response("* 3 EXPUNGE", ExpungeResponse{SeqNum(3)});
  expect_no_response({"* 0 EXPUNGE", "* 99999999999 EXISTS", "* 5"});
}

TEST(Response, WhatNobodyKnowsIsKept) {
  expect_response("* 5 NONSENSE (x)", UnknownResponse{"5 NONSENSE (x)"});
  expect_response("* XLIST (\\Sent) \"/\" {2}\r\nab", UnknownResponse{"XLIST (\\Sent) \"/\" {2}\r\nab"});
  expect_response("* THREAD (2)(3 6)", UnknownResponse{"THREAD (2)(3 6)"});
}

TEST(Response, Capabilities) {
  expect_response("* CAPABILITY IMAP4rev1 AUTH=PLAIN", CapabilityResponse{{"IMAP4rev1", "AUTH=PLAIN"}});
  expect_response("* CAPABILITY  IMAP4rev1 ", CapabilityResponse{{"IMAP4rev1"}}, "* CAPABILITY IMAP4rev1");
  expect_response("* ENABLED CONDSTORE QRESYNC", EnabledResponse{{"CONDSTORE", "QRESYNC"}});
  expect_response("* ENABLED", EnabledResponse{});
}

TEST(Response, Ids) {
  expect_response("* ID NIL", IdResponse{});
  expect_response("* ID (\"name\" \"x\" \"version\" NIL)", IdResponse{{{"name", "x"}, {"version", std::nullopt}}});
  expect_response("* ID ()", IdResponse{}, "* ID NIL");
  expect_no_response({"* ID", "* ID (\"name\")", "* ID (\"name\" \"x\""});
}

TEST(Response, Searches) {
  expect_response("* SEARCH", SearchResponse{});
  expect_response("* SEARCH 2 84 882", SearchResponse{{2, 84, 882}, std::nullopt});
  expect_response("* SEARCH 2 5 (MODSEQ 917162500)", SearchResponse{{2, 5}, ModSeq(917162500)});
  expect_response("* SEARCH ", SearchResponse{}, "* SEARCH");
  expect_no_response({"* SEARCH x", "* SEARCH 99999999999", "* SEARCH 1 (MODSEQ x)"});
}

TEST(Response, ExtendedSearches) {
  EsearchResponse value;
  value.tag = "A285";
  expect_response("* ESEARCH (TAG \"A285\")", value);
  value.by_uid = true;
  value.min = 7;
  value.max = 3800;
  value.count = 2;
  value.all = SequenceSet{{{7, 7}, {9, 11}}, false};
  value.modseq = ModSeq(5);
  expect_response("* ESEARCH (TAG \"A285\") UID MIN 7 MAX 3800 COUNT 2 ALL 7,9:11 MODSEQ 5", value);
  expect_response_reprints("* ESEARCH (TAG A1) UID X-NEW (1 2) COUNT 0", "* ESEARCH (TAG \"A1\") UID COUNT 0");
  expect_no_response({"* ESEARCH (TAG", "* ESEARCH COUNT x", "* ESEARCH ALL 1:x"});
}

TEST(Response, Vanished) {
  expect_response("* VANISHED 1:3,9", VanishedResponse{.earlier = false, .uids = UidSet{{1, 3}, {9, 9}}});
  expect_response("* VANISHED (EARLIER) 41,43:116",
                  VanishedResponse{.earlier = true, .uids = UidSet{{41, 41}, {43, 116}}});
  expect_response("* VANISHED 9,1:3,2", VanishedResponse{.earlier = false, .uids = UidSet{{1, 3}, {9, 9}}},
                  "* VANISHED 1:3,9");
  EXPECT_TRUE(tests::response_as<VanishedResponse>("* VANISHED (EARLIER)").uids.empty());  // iCloud
  expect_no_response({"* VANISHED x", "* VANISHED 1:*", "* VANISHED 0"});
}

}  // namespace
