// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Which mailbox of a server is which one here: odd spellings, prefixes, INBOX, two of one name.
#include "sync/imap/server_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tests {
namespace {

using mirror::MailboxPath;
using mirror::ServerNames;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

imap::ListResponse listed(const std::string& wire, char delimiter, bool selectable = true) {
  imap::ListResponse out;
  out.wire_name = wire;
  out.delimiter = delimiter;
  if (!selectable) out.attributes = {"\\Noselect"};
  return out;
}

imap::NamespaceResponse personal(std::vector<imap::NamespaceResponse::Entry> entries) {
  imap::NamespaceResponse out;
  out.personal = std::move(entries);
  return out;
}

// "wire = path" of each mailbox that is served.
std::vector<std::string> served(ServerNames& names, const std::vector<std::string>& wires, char delimiter) {
  std::map<std::string, imap::ListResponse> all;
  for (const auto& wire : wires) all.emplace(wire, listed(wire, delimiter));
  names.begin(all, delimiter);
  std::multimap<int, const imap::ListResponse*> ranked;
  for (const auto& [wire, one] : all) ranked.emplace(names.rank(one), &one);
  std::vector<std::string> out;
  for (const auto& [rank, one] : ranked)
    if (const auto path = names.add(*one)) {
      out.push_back(one->wire_name + " = " + path->shown());
      EXPECT_EQ(names.name_of(*path)->modified_utf7(),
                imap::MailboxName(one->wire_name).is_inbox() ? "INBOX" : one->wire_name);
    }
  return out;
}

std::string wire_of(const ServerNames& names, std::string path) {
  std::ranges::replace(path, '/', '\0');
  const auto name = names.name_of(MailboxPath(path));
  return name ? name->modified_utf7() : name.error().text;
}

TEST(ServerNames, KeepTheServersOctets) {
  ServerNames names("there", "", {});
  EXPECT_THAT(
      served(names, {"&", "&AEE-", "&-", "Caf\xe9", "Gr\xc3\xbc\xc3\x9f", "R&D", "R&D/x&y", "a&b-", "ok/&AOQ-"}, '/'),
      UnorderedElementsAre("&AEE- = A", "&- = &", "Caf\xe9 = Caf\xc3\xa9", "Gr\xc3\xbc\xc3\x9f = Gr\xc3\xbc\xc3\x9f",
                           "R&D = R&D", "R&D/x&y = R&D/x&y", "a&b- = a&b-", "ok/&AOQ- = ok/\xc3\xa4"));
  ASSERT_THAT(names.left_out(), SizeIs(1));  // "&" beside "&-"
  EXPECT_EQ(names.left_out()[0].path.shown(), "&");
  EXPECT_THAT(names.left_out()[0].why, HasSubstr("there has two mailboxes"));
  EXPECT_EQ(wire_of(names, "R&D/new"), "R&D/new");
  EXPECT_EQ(wire_of(names, "R&D/new/d\xc3\xa4"), "R&D/new/d&AOQ-");
  EXPECT_EQ(wire_of(names, "Q&A"), "Q&-A");
}

TEST(ServerNames, OneThatIsSpeltWellHasTheName) {
  ServerNames names("there", "", {});
  EXPECT_THAT(served(names, {"&AEEAQg-", "AB", "caf\xc3\xa9", "caf&AOk-"}, '.'),
              ElementsAre("AB = AB", "caf&AOk- = caf\xc3\xa9"));
  EXPECT_THAT(names.left_out(), SizeIs(2));
}

TEST(ServerNames, WhatIsBelowStaysBelow) {
  ServerNames names("there", "", {});
  EXPECT_THAT(
      served(names, {"d&AOQ-", "d&AOQ-.R&D", "d&AOQ-.R&D.\xe4"}, '.'),
      ElementsAre("d&AOQ- = d\xc3\xa4", "d&AOQ-.R&D = d\xc3\xa4/R&D", "d&AOQ-.R&D.\xe4 = d\xc3\xa4/R&D/\xc3\xa4"));
}

TEST(ServerNames, ControlCharactersAreNotShown) {
  ServerNames names("there", "", {});
  EXPECT_THAT(served(names, {"a\r\nx0", "b&AAA-"}, '/'), UnorderedElementsAre("a\r\nx0 = a??x0", "b&AAA- = b&AAA-"));
}

TEST(ServerNames, InboxInAnySpelling) {
  ServerNames names("there", "", {});
  EXPECT_THAT(served(names, {"Inbox", "Inbox/child", "inbox/Child"}, '/'),
              ElementsAre("Inbox = INBOX", "Inbox/child = INBOX/child", "inbox/Child = INBOX/Child"));
  EXPECT_EQ(wire_of(names, "INBOX"), "INBOX");
}

TEST(ServerNames, ThePersonalPrefixIsCutOff) {
  for (const std::string prefix : {"INBOX.", "inbox/", "~/mail/", "user.me."}) {
    const char delimiter = prefix.back();
    std::string remembered;
    ServerNames names("there", "",
                      {"", [](const MailboxPath&) { return false; }, [&](const auto& p) { remembered = p; }});
    names.take(personal({{prefix, delimiter}}));
    EXPECT_EQ(remembered, names.prefix());
    const auto sent = prefix + "Sent", inner = prefix + "Inbox", shared = std::string("shared") + delimiter + "x";
    EXPECT_THAT(served(names, {"INBOX", sent, inner, shared}, delimiter),
                UnorderedElementsAre("INBOX = INBOX", sent + " = Sent", shared + " = shared/x"));
    EXPECT_THAT(names.left_out(), SizeIs(1)) << "INBOX below the prefix is another one";
    EXPECT_EQ(wire_of(names, "New/one"), names.prefix() + "New" + delimiter + "one");
  }
}

TEST(ServerNames, NothingIsCutOffWhereMailboxesLieAtTheTop) {
  for (const auto& said : {personal({}), personal({{"", '/'}}), personal({{"INBOX.", '.'}, {"", '.'}}),
                           personal({{"INBOX.", std::nullopt}}), personal({{"#mh", '/'}})}) {
    ServerNames names("there", "", {});
    names.take(said);
    EXPECT_EQ(names.prefix(), "");
    EXPECT_THAT(served(names, {"INBOX", "INBOX.Sent"}, '.'), ElementsAre("INBOX = INBOX", "INBOX.Sent = INBOX/Sent"));
  }
}

TEST(ServerNames, AStateFromBeforeKeepsItsNames) {
  ServerNames names("there", "", {"", [](const MailboxPath& path) { return path.is_inbox(); }, {}});
  names.take(personal({{"INBOX.", '.'}}));
  EXPECT_THAT(served(names, {"INBOX", "INBOX.Sent"}, '.'), ElementsAre("INBOX = INBOX", "INBOX.Sent = INBOX/Sent"));
}

TEST(ServerNames, ThePrefixOfTheStateStaysAsLongAsMailboxesAreThere) {
  for (const auto& said : {personal({}), personal({{"", '.'}}), personal({{"mail.", '.'}})}) {
    ServerNames names("there", "", {"INBOX.", {}, {}});
    names.take(said);
    EXPECT_THAT(served(names, {"INBOX", "INBOX.Sent"}, '.'),
                UnorderedElementsAre("INBOX = INBOX", "INBOX.Sent = Sent"));
  }
  ServerNames names("there", "", {"INBOX.", {}, {}});  // the account has moved to another server
  names.take(personal({{"", '/'}}));
  EXPECT_THAT(served(names, {"INBOX", "Sent"}, '/'), ElementsAre("INBOX = INBOX", "Sent = Sent"));
  EXPECT_EQ(wire_of(names, "New"), "New");
}

TEST(ServerNames, ListReferenceAndInbox) {
  for (const std::string reference : {"INBOX.", "inbox."}) {
    ServerNames names("there", reference, {});
    EXPECT_THAT(served(names, {"INBOX", "INBOX.Sent", "other"}, '.'),
                UnorderedElementsAre("INBOX = INBOX", "INBOX.Sent = Sent"));
    EXPECT_THAT(names.left_out(), IsEmpty());
    EXPECT_EQ(wire_of(names, "INBOX"), "INBOX");
    EXPECT_EQ(wire_of(names, "New"), "INBOX.New");
  }
  ServerNames names("there", "work/", {});  // its INBOX is below it, as InterIMAP has it
  EXPECT_THAT(served(names, {"INBOX", "work/INBOX", "work/Sent"}, '/'),
              ElementsAre("work/INBOX = INBOX", "work/Sent = Sent"));
}

}  // namespace
}  // namespace tests
