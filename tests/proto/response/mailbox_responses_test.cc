// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// LIST, LSUB, STATUS, FLAGS, NAMESPACE: what is said of mailboxes.
#include <gtest/gtest.h>

#include "tests/support/response_text.h"

namespace {

using namespace imap;
using tests::expect_no_response;
using tests::expect_response;
using tests::expect_response_reprints;

ListResponse list(std::vector<std::string> attributes, std::string_view name) {
  ListResponse out;
  out.attributes = std::move(attributes);
  out.delimiter = '/';
  out.name = MailboxName(name, '/');
  out.wire_name = encode_modified_utf7(name);
  return out;
}

TEST(ListResponse, BothWays) {
  expect_response("* LIST (\\HasNoChildren \\Sent) \"/\" Sent", list({"\\HasNoChildren", "\\Sent"}, "Sent"));
  expect_response("* LIST () \"/\" &AOQ-", list({}, "\xc3\xa4"));
  auto value = list({}, "a b");
  expect_response("* LIST () \"/\" \"a b\"", value);
  value = list({"\\Noselect"}, "foo");
  value.lsub = true;
  value.delimiter.reset();
  expect_response("* LSUB (\\Noselect) NIL foo", value);
  value = list({"\\Subscribed"}, "foo");
  value.child_info = {"SUBSCRIBED"};
  expect_response("* LIST (\\Subscribed) \"/\" foo (\"CHILDINFO\" (\"SUBSCRIBED\"))", value,
                  "* LIST (\\Subscribed) \"/\" foo (CHILDINFO (\"SUBSCRIBED\"))");
  value = list({}, "INBOX");
  value.wire_name = "inbox";
  expect_response("* LIST () \"/\" \"inbox\"", value, "* LIST () \"/\" INBOX");
}

TEST(ListResponse, ToleratesWhatServersSend) {
  const auto read = [](std::string_view text) { return tests::response_as<ListResponse>(text); };
  EXPECT_EQ(read("* LIST () \"\\\" a\\b").delimiter, '\\');  // a backslash not quoted
  EXPECT_EQ(read("* LIST () \"/\" {3}\r\na b").name.utf8(), "a b");
  EXPECT_EQ(read("* LIST () \"/\" a&b").name.utf8(), "a&b");  // no modified UTF-7
  EXPECT_EQ(read("* LIST () \"/\" a&b").wire_name, "a&b");
  EXPECT_EQ(read("* LIST () \"/\" \"\xc3\xa4\"").name.utf8(), "\xc3\xa4");
  EXPECT_EQ(read("* LIST () \"\" x").delimiter, std::nullopt);
  EXPECT_TRUE(read("* LIST NIL \"/\" x").attributes.empty());
  EXPECT_EQ(read("* LIST () \"/\" x (X-OWN (1 2) CHILDINFO (A))").child_info, std::vector<std::string>{"A"});
  EXPECT_EQ(read("* LIST () \"/\" x ").name.utf8(), "x");
  for (const std::string_view rest :
       {"(", "(CHILDINFO)", "(CHILDINFO x)", "CHILDINFO", "(a (b)", "\"\"", "(OLDNAME (\"y)"}) {
    const auto listed = read("* LIST (\\Noselect) \"/\" x " + std::string(rest));
    EXPECT_EQ(listed.name.utf8(), "x") << rest;
    EXPECT_EQ(listed.attributes, std::vector<std::string>{"\\Noselect"}) << rest;
  }
  EXPECT_EQ(read("* LIST () \"/\" &AAk-").name.utf8(), "\t");  // of a server: not ours to refuse
}

TEST(MailboxStatusResponse, BothWays) {
  MailboxStatusResponse value;
  value.mailbox = MailboxName("blurdybloop");
  value.wire_name = "blurdybloop";
  expect_response("* STATUS blurdybloop ()", value);
  value.messages = 231;
  value.recent = 0;
  value.uid_next = Uid(44292);
  value.uid_validity = UidValidity(3);
  value.unseen = 1;
  value.highest_modseq = ModSeq(0);
  value.size = 99;
  value.deleted = 4;
  value.mailbox_id = "F22-7";
  expect_response(
      "* STATUS blurdybloop (MESSAGES 231 RECENT 0 UIDNEXT 44292 UIDVALIDITY 3 UNSEEN 1 HIGHESTMODSEQ 0 SIZE 99 "
      "DELETED 4 MAILBOXID (F22-7))",
      value);
  expect_response_reprints("* STATUS x (X-GUID abc MESSAGES 1 X-LIST (1 2))", "* STATUS x (MESSAGES 1)");
  expect_response_reprints("* STATUS x (HIGHESTMODSEQ NIL MESSAGES 1 UIDNEXT nil)", "* STATUS x (MESSAGES 1)");
  expect_response_reprints("* STATUS x (APPENDLIMIT 35651584 MESSAGES 1)",
                           "* STATUS x (MESSAGES 1 APPENDLIMIT 35651584)");
  expect_response_reprints("* STATUS x (APPENDLIMIT NIL MESSAGES 1)", "* STATUS x (MESSAGES 1)");
  expect_no_response({"* STATUS", "* STATUS x", "* STATUS x (MESSAGES)", "* STATUS x (", "* STATUS x (MESSAGES (1)"});
}

// One value that is none does not take the others with it.
TEST(MailboxStatusResponse, PassesOverWhatIsNotUnderstood) {
  for (const std::string_view item :
       {"HIGHESTMODSEQ -1", "HIGHESTMODSEQ (9)", "HIGHESTMODSEQ \"9\"", "HIGHESTMODSEQ 99999999999999999999",
        "UIDNEXT x", "UIDNEXT 99999999999", "UIDVALIDITY 3.5", "UNSEEN 12kB", "SIZE ()", "MAILBOXID F22-7",
        "MAILBOXID (a (b))", "DELETED {1}\r\n)"})
    for (const std::string_view form : {"(% MESSAGES 1 RECENT 2)", "(MESSAGES 1 RECENT 2 %)"}) {
      auto line = "* STATUS x " + std::string(form);
      line.replace(line.find('%'), 1, item);
      const auto value = tests::response_as<MailboxStatusResponse>(line);
      EXPECT_EQ(tests::print_response_text(value), "* STATUS x (MESSAGES 1 RECENT 2)") << line;
    }
}

TEST(FlagsResponse, BothWays) {
  expect_response("* FLAGS (\\Answered $MDNSent NonJunk)", FlagsResponse{{"\\Answered", "$MDNSent", "NonJunk"}});
  expect_response("* FLAGS ()", FlagsResponse{});
  expect_response("* FLAGS NIL", FlagsResponse{}, "* FLAGS ()");
  expect_response("* FLAGS (a[1] \\*)", FlagsResponse{{"a[1]", "\\*"}});
  expect_no_response({"* FLAGS", "* FLAGS (", "* FLAGS x"});
}

TEST(NamespaceResponse, BothWays) {
  NamespaceResponse value;
  value.personal.push_back({"", '/'});
  expect_response("* NAMESPACE ((\"\" \"/\")) NIL NIL", value);
  value.other.push_back({"~", '/'});
  value.shared = {{"#shared/", '/'}, {"#public", std::nullopt}};
  expect_response("* NAMESPACE ((\"\" \"/\")) ((\"~\" \"/\" \"X\" (\"y\"))) ((\"#shared/\" \"/\")(\"#public\" NIL))",
                  value, "* NAMESPACE ((\"\" \"/\")) ((\"~\" \"/\")) ((\"#shared/\" \"/\")(\"#public\" NIL))");
  expect_no_response({"* NAMESPACE", "* NAMESPACE NIL NIL", "* NAMESPACE ((\"\")) NIL NIL"});
}

}  // namespace
