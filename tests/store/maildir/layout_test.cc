// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/maildir/layout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/support/temp_maildir.h"

namespace store {
namespace {

namespace fs = std::filesystem;
using imap::MailboxName;

class LayoutTest : public testing::Test {
 protected:
  fs::path root() const { return directory_.path(); }
  void have(const std::string& path) { tests::make_maildir(root() / path); }
  std::string walked() const {
    std::string out;
    for (const auto& found : Layout(root()).walk()) out += (found.selectable ? " " : " -") + found.name.utf8();
    return out;
  }
  // Relative to the root; "refused".
  std::string directory(const Layout& layout, const std::string& name) const {
    const auto out = layout.directory(MailboxName(name, layout.delimiter()));
    return out ? out->lexically_relative(root()).string() : "refused";
  }
  tests::TempDirectory directory_;
};

TEST_F(LayoutTest, NewStoreIsFsWithInbox) {
  const Layout layout(root());
  EXPECT_EQ(layout.kind(), Layout::Kind::Fs);
  EXPECT_EQ(directory(layout, "inbox"), "INBOX");
  EXPECT_EQ(walked(), "");
}

TEST_F(LayoutTest, Fs) {
  for (const char* path : {"INBOX", "lists/foo", "a.b"}) have(path);
  fs::create_directories(root() / "empty");
  fs::create_directories(root() / ".postern" / "cur");
  const Layout layout(root());
  EXPECT_EQ(layout.kind(), Layout::Kind::Fs);
  EXPECT_EQ(walked(), " INBOX a.b -empty -lists lists/foo");
  EXPECT_EQ(directory(layout, "lists/foo"), "lists/foo");
}

// mbsync's SubFolders Legacy.
TEST_F(LayoutTest, DotsBelowOtherMailboxes) {
  for (const char* path : {"Inbox", "Inbox/.sub", "lists", "lists/.debian", "lists/.debian/.devel"}) have(path);
  const Layout layout(root());
  EXPECT_EQ(layout.kind(), Layout::Kind::Fs);
  EXPECT_EQ(walked(), " INBOX INBOX/sub lists lists/debian lists/debian/devel");
  for (const auto& [name, path] : {std::pair("INBOX", "Inbox"),
                                   {"INBOX/sub", "Inbox/.sub"},
                                   {"lists/debian", "lists/.debian"},
                                   {"lists/debian/new one", "lists/.debian/.new one"},
                                   {"other", "other"}})
    EXPECT_EQ(directory(layout, name), path);
}

TEST_F(LayoutTest, OfSeveralInboxesTheFirst) {
  for (const char* path : {"Inbox", "inbox", "iNBOX"}) have(path);
  EXPECT_EQ(directory(Layout(root()), "INBOX"), "Inbox");
}

TEST_F(LayoutTest, OneThatIsNotDottedAndAllAreFs) {
  for (const char* path : {"INBOX", "lists/.debian", "lists/plain"}) have(path);
  EXPECT_EQ(walked(), " INBOX -lists lists/plain");
  EXPECT_EQ(directory(Layout(root()), "lists/new one"), "lists/new one");
}

TEST_F(LayoutTest, FsWithInboxAtTheRoot) {
  for (const char* path : {"", "lists/foo", "INBOX/sub"}) have(path);
  const Layout layout(root());
  EXPECT_EQ(layout.kind(), Layout::Kind::Fs);
  EXPECT_EQ(walked(), " INBOX INBOX/sub -lists lists/foo");
  EXPECT_EQ(directory(layout, "INBOX"), ".");
  EXPECT_EQ(directory(layout, "inbox/sub"), "INBOX/sub");
}

TEST_F(LayoutTest, InboxInAnyCase) {
  have("Inbox");
  have("Inbox/sub");
  const Layout layout(root());
  EXPECT_EQ(directory(layout, "INBOX"), "Inbox");
  EXPECT_EQ(directory(layout, "INBOX/sub"), "Inbox/sub");
  EXPECT_EQ(walked(), " INBOX INBOX/sub");
}

TEST_F(LayoutTest, MaildirPlusPlus) {
  for (const char* path : {"", ".lists.foo", ".Entw&APw-rfe", ".plain\xc3\xbc"}) have(path);
  fs::create_directories(root() / ".postern" / "cur");
  fs::create_directories(root() / ".cache");
  const Layout layout(root());
  EXPECT_EQ(layout.kind(), Layout::Kind::MaildirPlusPlus);
  EXPECT_EQ(layout.delimiter(), '.');
  EXPECT_EQ(walked(), " Entw\xc3\xbcrfe INBOX lists.foo plain\xc3\xbc");
  EXPECT_EQ(directory(layout, "lists.foo"), ".lists.foo");
  EXPECT_EQ(directory(layout, "Entw\xc3\xbcrfe"), ".Entw&APw-rfe");
  EXPECT_EQ(directory(layout, "plain\xc3\xbc"), ".plain\xc3\xbc");
}

TEST_F(LayoutTest, NamesAreModifiedUtf7UnlessTheyLieThereOtherwise) {
  have("INBOX");
  have("plain\xc3\xbc");
  have("A&B");
  const Layout layout(root());
  EXPECT_EQ(directory(layout, "\xc3\xbc"), "&APw-");
  EXPECT_EQ(directory(layout, "plain\xc3\xbc"), "plain\xc3\xbc");
  EXPECT_EQ(directory(layout, "A&B"), "A&B");
  EXPECT_EQ(directory(layout, "C&D"), "C&-D");
  for (const auto& found : layout.walk()) EXPECT_EQ(*layout.directory(found.name), found.directory);
}

TEST_F(LayoutTest, RefusedNames) {
  have("INBOX");
  const Layout layout(root());
  const auto long_name = std::string(251, 'x');
  for (const std::string name : {"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", "~", "~user/a",
                                 "a\nb", "a\x7f", "a\x01", long_name.c_str()})
    EXPECT_EQ(directory(layout, name), "refused") << name;
  EXPECT_EQ(directory(layout, std::string("a\0b", 3)), "refused");
  std::string deep = "a";
  while (deep.size() < 2100) deep += "/a";
  EXPECT_EQ(directory(layout, deep), "refused");
  for (const std::string name : {"a b", "a~", "Cur", "curl", "a..b", "&", "100%", "*"})
    EXPECT_NE(directory(layout, name), "refused") << name;
}

TEST_F(LayoutTest, RefusedNamesInMaildirPlusPlus) {
  have("");
  const Layout layout(root());
  ASSERT_EQ(layout.kind(), Layout::Kind::MaildirPlusPlus);
  for (const std::string name : {".a", "a.", "a..b", "../a"}) EXPECT_EQ(directory(layout, name), "refused") << name;
  EXPECT_EQ(directory(layout, "cur"), ".cur");
}

// What would be in the way of something else has one character written in base64, and is shown by its name.
TEST_F(LayoutTest, NamesInTheWayAreEscaped) {
  have("INBOX");
  const Layout layout(root());
  const std::pair<const char*, const char*> rows[] = {{".hidden", "&AC4-hidden"},
                                                      {"a/.b", "a/&AC4-b"},
                                                      {".postern", "&AC4-postern"},
                                                      {"cur", "&AGM-ur"},
                                                      {"a/new", "a/&AG4-ew"},
                                                      {"tmp/a", "&AHQ-mp/a"},
                                                      {"subscriptions", "&AHM-ubscriptions"},
                                                      {"postern-mailbox", "&AHA-ostern-mailbox"},
                                                      {"a/dovecot-uidlist.lock", "a/&AGQ-ovecot-uidlist.lock"},
                                                      {"dovecot.index.log", "&AGQ-ovecot.index.log"},
                                                      {"cur/new/tmp", "&AGM-ur/&AG4-ew/&AHQ-mp"},
                                                      {"lists/dovecot-users", "lists/dovecot-users"},
                                                      {"dovecot.org", "dovecot.org"},
                                                      {"postern-dev", "postern-dev"},
                                                      {"&AGM-ur", "&-AGM-ur"},
                                                      {"...", "&AC4-.."}};
  for (const auto& [name, path] : rows) {
    EXPECT_EQ(directory(layout, name), path) << name;
    Layout::make_maildir(root() / path);
  }
  const auto walked = Layout(root()).walk();
  for (const auto& [name, path] : rows) {
    const auto found = std::ranges::find(walked, MailboxName(name), &Layout::Found::name);
    ASSERT_NE(found, walked.end()) << name;
    EXPECT_TRUE(found->selectable) << name;
    EXPECT_EQ(found->directory, *layout.directory(found->name)) << name;
  }
}

TEST_F(LayoutTest, AFileInTheWayIsNoHindrance) {
  have("INBOX");
  tests::write_file(root() / "notes", "x");
  fs::create_directories(root() / "subscriptions" / "cur");  // as somebody has made it
  const Layout layout(root());
  EXPECT_EQ(directory(layout, "notes"), "&AG4-otes");
  EXPECT_EQ(directory(layout, "notes/a"), "&AG4-otes/a");
  EXPECT_EQ(directory(layout, "subscriptions"), "subscriptions");
  EXPECT_EQ(walked(), " INBOX subscriptions");
}

TEST_F(LayoutTest, NamesInTheWayAreEscapedInMaildirPlusPlus) {
  have("");
  const std::pair<const char*, const char*> rows[] = {{"postern", ".&AHA-ostern"},
                                                      {"postern.a", ".postern.a"},
                                                      {"a/b", ".a&AC8-b"},
                                                      {"a/b.\xc3\xbc/", ".a&AC8-b.&APw-&AC8-"},
                                                      {"subscriptions", ".subscriptions"}};
  fs::create_directories(root() / ".postern");
  const Layout layout(root());
  ASSERT_EQ(layout.kind(), Layout::Kind::MaildirPlusPlus);
  for (const auto& [name, path] : rows) {
    EXPECT_EQ(directory(layout, name), path) << name;
    Layout::make_maildir(root() / path);
  }
  const auto walked = Layout(root()).walk();
  EXPECT_EQ(walked.size(), std::size(rows) + 1);
  for (const auto& [name, path] : rows)
    EXPECT_TRUE(std::ranges::any_of(walked, [&](const auto& f) { return f.name == MailboxName(name); })) << name;
}

// Whatever the octets, the directory lies below the root.
TEST_F(LayoutTest, NothingLeavesTheRoot) {
  for (const bool plus_plus : {false, true}) {
    if (plus_plus) have("");
    const Layout layout(root());
    ASSERT_EQ(layout.kind() == Layout::Kind::MaildirPlusPlus, plus_plus);
    std::mt19937 random(3);
    constexpr std::string_view kPieces[] = {"/", ".",     "..",       "a",        "~",    "&",
                                            "-", "&AC8-", "&AC4ALg-", "\xc3\xbc", "\xff", "INBOX"};
    for (int round = 0; round < 5000; ++round) {
      std::string name;
      for (auto n = random() % 7; n > 0; --n) name += kPieces[random() % std::size(kPieces)];
      const auto path = directory(layout, name);
      if (path == "refused") continue;
      const auto normal = fs::path(path).lexically_normal();
      EXPECT_EQ(normal.string(), path);
      EXPECT_NE(normal.begin()->string(), "..") << name;
    }
  }
}

TEST_F(LayoutTest, LinksAreFollowedAndCirclesEnd) {
  have("INBOX");
  have("real");
  const tests::TempDirectory elsewhere;
  tests::make_maildir(elsewhere.path());
  fs::create_directory_symlink(elsewhere.path(), root() / "link");
  fs::create_directory_symlink("real", root() / "real-again");
  fs::create_directory_symlink("..", root() / "real" / "up");
  fs::create_directory_symlink("nowhere", root() / "broken");
  const auto found = Layout(root()).walk();
  EXPECT_TRUE(std::ranges::any_of(found, [](const auto& f) { return f.name == MailboxName("link") && f.selectable; }));
  EXPECT_TRUE(std::ranges::none_of(found, [](const auto& f) { return f.name == MailboxName("real-again"); }));
}

TEST_F(LayoutTest, MakeMaildirAndLook) {
  Layout::make_maildir(root() / "a" / "b");
  EXPECT_TRUE(Layout::is_maildir(root() / "a" / "b"));
  EXPECT_FALSE(Layout::is_maildir(root() / "a"));
  Layout::make_maildir(root() / "a" / "b");
  for (const char* part : {"cur", "new", "tmp"}) EXPECT_TRUE(fs::is_directory(root() / "a" / "b" / part));
}

TEST_F(LayoutTest, Subscriptions) {
  have("INBOX");
  const Layout layout(root());
  EXPECT_TRUE(layout.read_subscriptions().empty());
  const std::vector<MailboxName> names{MailboxName::inbox(), MailboxName("lists/foo"), MailboxName("Entw\xc3\xbcrfe")};
  layout.write_subscriptions(names);
  EXPECT_EQ(tests::read_file(root() / "subscriptions"), "V\t2\n\nINBOX\nlists\tfoo\nEntw&APw-rfe\n");
  EXPECT_EQ(layout.read_subscriptions(), names);
  tests::write_file(root() / "subscriptions", "INBOX\nlists/foo\n\nEntw&APw-rfe");
  EXPECT_EQ(layout.read_subscriptions(), names);
}

TEST_F(LayoutTest, SpecialUse) {
  have("INBOX");
  const Layout layout(root());
  EXPECT_TRUE(layout.read_special_use().empty());
  const std::vector<std::pair<std::string, MailboxName>> uses{{"\\Sent", MailboxName("out box/\xc3\xbc")},
                                                              {"\\Drafts", MailboxName("d")}};
  layout.write_special_use(uses);
  EXPECT_EQ(tests::read_file(root() / "postern-special-use"), "\\Sent out box/&APw-\n\\Drafts d\n");
  EXPECT_EQ(layout.read_special_use(), uses);
  tests::write_file(root() / "postern-special-use", "# mine\n\\Junk\nSpam x\n\\Trash bin\n");
  EXPECT_EQ(layout.read_special_use().size(), 1u);
}

}  // namespace
}  // namespace store
