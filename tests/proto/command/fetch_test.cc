// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/command_text.h"

namespace {

using namespace imap;
using tests::expect_both_ways;
using tests::expect_malformed;

using Kind = FetchItem::Kind;

FetchCommand fetch(std::initializer_list<Kind> kinds) {
  FetchCommand out;
  out.messages.set.ranges = {{1, 0}};
  for (const auto kind : kinds) out.items.push_back({kind, false, {}, {}});
  return out;
}

FetchCommand fetch_section(Section section, bool peek = true, std::optional<Partial> partial = std::nullopt) {
  FetchCommand out;
  out.messages.set.ranges = {{1, 1}};
  out.items.push_back({Kind::BodySection, peek, std::move(section), partial});
  return out;
}

TEST(Fetch, every_item_both_ways) {
  expect_both_ways(
      "FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE MODSEQ ENVELOPE BODY BODYSTRUCTURE RFC822 "
      "RFC822.HEADER RFC822.TEXT)",
      fetch({Kind::Uid, Kind::Flags, Kind::InternalDate, Kind::Rfc822Size, Kind::ModSeq, Kind::Envelope, Kind::Body,
             Kind::BodyStructure, Kind::Rfc822, Kind::Rfc822Header, Kind::Rfc822Text}));
  expect_both_ways("fetch 1:* flags", fetch({Kind::Flags}), "FETCH 1:* (FLAGS)");
  expect_both_ways("FETCH 1:* body", fetch({Kind::Body}), "FETCH 1:* (BODY)");
  expect_both_ways("FETCH 1:* (FLAGS FLAGS)", fetch({Kind::Flags, Kind::Flags}));
}

// A client asks for them; we have none.
TEST(Fetch, object_ids_are_only_printed) {
  EXPECT_EQ(tests::print_text("a", fetch({Kind::EmailId, Kind::GmailMessageId})),
            "a FETCH 1:* (EMAILID X-GM-MSGID)\r\n");
  expect_malformed({"FETCH 1 EMAILID", "FETCH 1 (X-GM-MSGID)"});
}

TEST(Fetch, macros) {
  expect_both_ways("FETCH 1:* FAST", fetch({Kind::Flags, Kind::InternalDate, Kind::Rfc822Size}),
                   "FETCH 1:* (FLAGS INTERNALDATE RFC822.SIZE)");
  expect_both_ways("FETCH 1:* all", fetch({Kind::Flags, Kind::InternalDate, Kind::Rfc822Size, Kind::Envelope}),
                   "FETCH 1:* (FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)");
  expect_both_ways("FETCH 1:* FULL",
                   fetch({Kind::Flags, Kind::InternalDate, Kind::Rfc822Size, Kind::Envelope, Kind::Body}),
                   "FETCH 1:* (FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY)");
}

TEST(Fetch, sections) {
  using Text = Section::Text;
  expect_both_ways("FETCH 1 (BODY[])", fetch_section({}, false));
  expect_both_ways("FETCH 1 body.peek[]", fetch_section({}), "FETCH 1 (BODY.PEEK[])");
  expect_both_ways("FETCH 1 (BODY.PEEK[1])", fetch_section({{1}, Text::All, {}}));
  expect_both_ways("FETCH 1 (BODY.PEEK[1.2.345])", fetch_section({{1, 2, 345}, Text::All, {}}));
  expect_both_ways("FETCH 1 (BODY.PEEK[HEADER])", fetch_section({{}, Text::Header, {}}));
  expect_both_ways("FETCH 1 (BODY.PEEK[TEXT])", fetch_section({{}, Text::Text, {}}));
  expect_both_ways("FETCH 1 (BODY.PEEK[4.1.MIME])", fetch_section({{4, 1}, Text::Mime, {}}));
  expect_both_ways("FETCH 1 (BODY.PEEK[4.HEADER])", fetch_section({{4}, Text::Header, {}}));
  expect_both_ways("FETCH 1 (BODY.PEEK[4.2.2.TEXT])", fetch_section({{4, 2, 2}, Text::Text, {}}));
  expect_both_ways("FETCH 1 BODY.PEEK[header.fields (\"Date\" From)]",
                   fetch_section({{}, Text::HeaderFields, {"Date", "From"}}),
                   "FETCH 1 (BODY.PEEK[HEADER.FIELDS (Date From)])");
  expect_both_ways("FETCH 1 (BODY[2.HEADER.FIELDS.NOT (\"a b\" {3+}\r\nx\r\n)])",
                   fetch_section({{2}, Text::HeaderFieldsNot, {"a b", "x\r\n"}}, false));
}

TEST(Fetch, partials) {
  expect_both_ways("FETCH 1 (BODY[]<0.2048>)", fetch_section({}, false, Partial{0, 2048}));
  expect_both_ways("FETCH 1 (BODY[]<7.0>)", fetch_section({}, false, Partial{7, 0}));
  expect_both_ways("FETCH 1 (BODY.PEEK[1.TEXT]<4294967296.1>)",
                   fetch_section({{1}, Section::Text::Text, {}}, true, Partial{4294967296, 1}));
}

TEST(Fetch, what_sets_seen) {
  for (const auto& [text, sets] : {std::pair{"BODY[]", true},
                                   {"BODY.PEEK[]", false},
                                   {"RFC822", true},
                                   {"RFC822.TEXT", true},
                                   {"RFC822.HEADER", false},
                                   {"BODY", false},
                                   {"ENVELOPE", false}}) {
    const auto command = tests::parse_text(std::string("FETCH 1 ") + text);
    ASSERT_TRUE(command);
    EXPECT_EQ(std::get<FetchCommand>(*command).items.front().sets_seen(), sets) << text;
  }
}

TEST(Fetch, modifiers) {
  auto command = fetch({Kind::Flags});
  command.changed_since = ModSeq(12345);
  expect_both_ways("FETCH 1:* (FLAGS) (CHANGEDSINCE 12345)", command);
  command.messages.by = MessageSet::By::Uid;
  command.vanished = true;
  expect_both_ways("UID FETCH 1:* (FLAGS) (CHANGEDSINCE 12345 VANISHED)", command);
  expect_both_ways("uid fetch 1:* flags (vanished changedsince 12345)", command,
                   "UID FETCH 1:* (FLAGS) (CHANGEDSINCE 12345 VANISHED)");
}

TEST(Fetch, malformed) {
  expect_malformed({"FETCH",
                    "FETCH 1",
                    "FETCH 1 ",
                    "FETCH 1 ()",
                    "FETCH 1 (FLAGS",
                    "FETCH 1 FLAGS)",
                    "FETCH 1 (ALL)",
                    "FETCH 1 FLAGS UID",
                    "FETCH 1 NONSENSE",
                    "FETCH 1 BODY.PEEK",
                    "FETCH 1 ALLX",
                    "FETCH 1 BODYSTRUCTURE[]",
                    "FETCH 1 BODY[",
                    "FETCH 1 BODY[0]",
                    "FETCH 1 BODY[1.]",
                    "FETCH 1 BODY[.1]",
                    "FETCH 1 BODY[1.0]",
                    "FETCH 1 BODY[MIME]",
                    "FETCH 1 BODY[HEADER.1]",
                    "FETCH 1 BODY[HEADER.FIELDS]",
                    "FETCH 1 BODY[HEADER.FIELDS ()]",
                    "FETCH 1 BODY[HEADER.FIELDS From]",
                    "FETCH 1 BODY[1.TEXT.2]",
                    "FETCH 1 BODY[]<0>",
                    "FETCH 1 BODY[]<.5>",
                    "FETCH 1 BODY[]<-1.5>",
                    "FETCH 1 BODY[]<1.5",
                    "FETCH 1 BODY[]<9223372036854775808.1>",
                    "FETCH 1 FLAGS<0.5>",
                    "FETCH 1 FLAGS ()",
                    "FETCH 1 FLAGS (CHANGEDSINCE)",
                    "FETCH 1 FLAGS (X 1)",
                    "FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)",
                    "UID FETCH 1 FLAGS (VANISHED)",
                    "FETCH a FLAGS"});
  std::string deep = "FETCH 1 BODY[1";
  for (int i = 0; i < 1000; ++i) deep += ".1";
  expect_malformed({deep + "]"});
}

}  // namespace
