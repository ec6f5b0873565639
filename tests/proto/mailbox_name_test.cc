// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/mailbox_name.h"
#include "proto/list_pattern.h"

#include <gtest/gtest.h>

#include <random>

namespace {

using imap::ListPattern;
using imap::MailboxName;
using namespace std::string_literals;

TEST(ModifiedUtf7, BothWays) {
  const std::pair<const char*, const char*> table[] = {
      {"", ""},
      {"INBOX", "INBOX"},
      {"~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},  // RFC 3501 section 5.1.3
      {"☺!", "&Jjo-!"},
      {"Hi Mom -☺-!", "Hi Mom -&Jjo--!"},
      {"&", "&-"},
      {"a&b&&c", "a&-b&-&-c"},
      {"Entwürfe", "Entw&APw-rfe"},
      {"ü", "&APw-"},
      {"üü", "&APwA,A-"},
      {"üüü", "&APwA,AD8-"},
      {"ü&ü", "&APw-&-&APw-"},
      {"😀", "&2D3eAA-"},
      {"a\xF4\x8F\xBF\xBFz", "a&2,,f,w-z"},  // U+10FFFF
      {"\t", "&AAk-"},
      {"\x7F", "&AH8-"},
      {"~", "~"},
  };
  for (const auto& [utf8, text] : table) {
    EXPECT_EQ(imap::encode_modified_utf7(utf8), text);
    EXPECT_EQ(imap::decode_modified_utf7(text), utf8) << text;
  }
}

TEST(ModifiedUtf7, RefusesWhatHasAnotherText) {
  for (const std::string& text : {
           "&"s,
           "a&"s,
           "&Jjo"s,
           "&Jjo!"s,  // no end
           "&Jj-"s,
           "&J-"s,
           "&AA-"s,        // half a character
           "&Jjq-"s,       // stray bits
           "&JjoA-"s,      // too long by six bits of zero
           "&Jjo-&Jjo-"s,  // RFC 3501: two runs that are one
           "&AGE-"s,
           "&ACY-"s,
           "&AC0-"s,
           "&AH4-"s,  // printable ASCII
           "&2D0-"s,
           "&3gA-"s,
           "&2D3YPQ-"s,
           "&2D0AYQ-"s,  // unpaired surrogates
           "&AP/-"s,
           "&AP=-"s,
           "&AP -"s,  // no base64
           "Entw\xC3\xBCrfe"s,
           "a\x80"s,
           "a\tb"s,
           "a\x7F"s,
           "a\0b"s,
       })
    EXPECT_EQ(imap::decode_modified_utf7(text), std::nullopt) << text;
}

TEST(ModifiedUtf7, KeepsOctetsThatAreNoUtf8) {
  for (const char* bytes : {"\xFF", "a\xC3(", "\xED\xA0\x80", "\xC0\x80", "\xF4\x90\x80\x80", "\xE2\x82"}) {
    EXPECT_FALSE(imap::is_valid_utf8(bytes));
    EXPECT_EQ(imap::encode_modified_utf7(bytes), bytes);
  }
  EXPECT_TRUE(imap::is_valid_utf8("aü台😀"));
}

// Whatever is decoded is written as it was; whatever valid UTF-8 is written is read again.
TEST(ModifiedUtf7, OneNameHasOneText) {
  std::mt19937 random(2);
  const std::string_view letters = "&-AJjoPw,+9D3e/a";
  const std::vector<std::string> pieces{"a", "&", "-", "ü", "台", "😀", "/", "\x01", "~", "\xEF\xBF\xBF"};
  int decoded = 0;
  for (int i = 0; i < 200000; ++i) {
    std::string text;
    for (auto n = random() % 9; n > 0; --n) text += letters[random() % letters.size()];
    if (const auto name = imap::decode_modified_utf7(text)) {
      ++decoded;
      ASSERT_EQ(imap::encode_modified_utf7(*name), text);
      ASSERT_TRUE(imap::is_valid_utf8(*name));
    }
    std::string name;
    for (auto n = random() % 7; n > 0; --n) name += pieces[random() % pieces.size()];
    ASSERT_EQ(imap::decode_modified_utf7(imap::encode_modified_utf7(name)), name);
  }
  EXPECT_GT(decoded, 1000);
}

TEST(MailboxName, InboxInAnyCase) {
  EXPECT_TRUE(MailboxName("inBox").is_inbox());
  EXPECT_EQ(MailboxName("inbox/Sub", '/').utf8(), "INBOX/Sub");
  EXPECT_EQ(MailboxName("inbox/Sub").utf8(), "inbox/Sub");  // no delimiter known
  EXPECT_EQ(MailboxName("inboxes", '/').utf8(), "inboxes");
  EXPECT_EQ(MailboxName("a/inbox", '/').utf8(), "a/inbox");
  EXPECT_TRUE(MailboxName::from_modified_utf7("Inbox")->is_inbox());
  EXPECT_EQ(MailboxName::from_modified_utf7("&bad"), std::nullopt);
}

// Servers that write names otherwise than RFC 3501 says: utf8() is for people, modified_utf7() for that server.
TEST(MailboxName, AsAServerWritesIt) {
  struct Row {
    const char *wire, *utf8;
  };
  for (const auto& [wire, utf8] :
       {Row{"R&D", "R&D"}, Row{"R&-D", "R&D"}, Row{"&", "&"}, Row{"&AEE-", "A"},
        Row{"Gr\xc3\xbc\xc3\x9f", "Gr\xc3\xbc\xc3\x9f"}, Row{"Caf\xe9", "Caf\xc3\xa9"},
        Row{"&BB4EQg-/&BB", "\xd0\x9e\xd1\x82/&BB"}, Row{"&AAoADQ-", "&AAoADQ-"}, Row{"x\ty", "x?y"},
        Row{"Inbox/x", "INBOX/x"}, Row{"plain", "plain"}, Row{"a&b-", "a&b-"}, Row{"&A-", "&A-"}}) {
    const auto name = MailboxName::from_wire(wire, '/');
    EXPECT_EQ(name.utf8(), utf8) << wire;
    EXPECT_EQ(name.modified_utf7(), wire);
  }
  EXPECT_EQ(MailboxName::from_wire("inbox", '/').modified_utf7(), "INBOX");
  EXPECT_NE(MailboxName::from_wire("R&D"), MailboxName::from_wire("R&-D"));
}

TEST(MailboxName, Hierarchy) {
  const MailboxName name("a/b/c");
  EXPECT_EQ(name.components('/'), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(name.components('\0'), std::vector<std::string>{"a/b/c"});
  EXPECT_EQ(MailboxName("a//").components('/'), (std::vector<std::string>{"a", "", ""}));
  EXPECT_EQ(name.parent('/'), MailboxName("a/b"));
  EXPECT_EQ(MailboxName("a").parent('/'), std::nullopt);
  EXPECT_EQ(MailboxName("/a").parent('/'), std::nullopt);
  EXPECT_TRUE(name.is_below(MailboxName("a"), '/'));
  EXPECT_FALSE(name.is_below(name, '/'));
  EXPECT_FALSE(MailboxName("ab/c").is_below(MailboxName("a"), '/'));
}

TEST(ListPattern, Table) {
  struct Row {
    const char *pattern, *name;
    bool matches;
  };
  for (const auto& [pattern, name, matches] : {
           Row{"*", "a/b", true},
           Row{"%", "a/b", false},
           Row{"%", "a", true},
           Row{"%/%", "a/b", true},
           Row{"a*c", "ab/c", true},
           Row{"a%c", "ab/c", false},
           Row{"", "", true},
           Row{"", "a", false},
           Row{"inbox", "INBOX", true},
           Row{"inbox/%", "INBOX/x", true},
           Row{"Inbox*", "INBOX/x", true},
           Row{"a", "A", false},
           Row{"*%", "a/b", true},
           Row{"%*", "a/b", true},
           Row{"*ü", "x/ü", true},
       })
    EXPECT_EQ(ListPattern(pattern, '/').matches(name), matches) << pattern << " " << name;
  EXPECT_TRUE(ListPattern("%", '/').matches_parent_of("a/b/c"));
  EXPECT_FALSE(ListPattern("%", '/').matches_parent_of("a"));
  EXPECT_TRUE(ListPattern("%/%", '/').matches_parent_of("a/b/c"));
}

bool brute(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  if (pattern[0] != '*' && pattern[0] != '%')
    return !name.empty() && name[0] == pattern[0] && brute(pattern.substr(1), name.substr(1));
  for (std::size_t n = 0;; ++n) {
    if (brute(pattern.substr(1), name.substr(n))) return true;
    if (n == name.size() || (pattern[0] == '%' && name[n] == '/')) return false;
  }
}

TEST(ListPattern, AgreesWithABruteForceMatcher) {
  std::mt19937 random(3);
  const auto make = [&](std::string_view letters, unsigned most) {
    std::string out;
    for (auto n = random() % (most + 1); n > 0; --n) out += letters[random() % letters.size()];
    return out;
  };
  for (int i = 0; i < 100000; ++i) {
    const auto pattern = make("ab/*%", 7), name = make("ab/", 8);
    const ListPattern tried(pattern, '/');
    ASSERT_EQ(tried.matches(name), brute(pattern, name)) << pattern << " " << name;
    bool parent = false;
    for (std::size_t at = 0; at < name.size(); ++at) parent |= name[at] == '/' && brute(pattern, name.substr(0, at));
    ASSERT_EQ(tried.matches_parent_of(name), parent) << pattern << " " << name;
  }
}

TEST(ListPattern, IsNotExponential) {
  std::string pattern, name(1000, 'a');
  for (int i = 0; i < 300; ++i) pattern += "*a%a";
  EXPECT_TRUE(ListPattern(pattern, '/').matches(name));
  EXPECT_FALSE(ListPattern(pattern + "b", '/').matches(name));
  EXPECT_FALSE(ListPattern(std::string(1000000, 'a'), '/').matches("a"));  // longer than any name: not tried at all
}

}  // namespace
