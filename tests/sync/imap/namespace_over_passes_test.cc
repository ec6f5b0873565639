// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// When a server is asked for its namespaces, pass by pass.
#include <gtest/gtest.h>

#include <utility>

#include "tests/sync/imap/replica_conversation.h"

namespace tests {
namespace {

// A server whose mailboxes are these, as an account meets it pass by pass.
class NamespaceOverPasses : public testing::Test {
 protected:
  // It has these mailboxes and is to be asked for its namespaces, or not.
  void pass(const std::string& names, bool asked, const std::string& expected, bool lists_again = false) {
    Conversation server;
    server.says("* PREAUTH [CAPABILITY IMAP4rev1 LIST-EXTENDED LIST-STATUS NAMESPACE] hello\r\n");
    const std::string plain = " LIST \"\" \"*\" RETURN (SUBSCRIBED STATUS (MESSAGES UIDNEXT UIDVALIDITY UNSEEN))\r\n";
    const std::string all =
        " LIST \"\" (\"INBOX.*\" \"*\" \"INBOX\") RETURN (SUBSCRIBED STATUS (MESSAGES UIDNEXT "
        "UIDVALIDITY UNSEEN))\r\n";
    const auto below = known_.prefix.empty() ? plain : all;
    if (asked && known_.said.empty()) {
      server.expects("1 NAMESPACE\r\n2" + below).says(prefix_ + "1 OK done\r\n" + names + "2 OK done\r\n");
    } else {
      server.expects("1" + below).says(names + "1 OK done\r\n");
      if (asked) server.expects("2 NAMESPACE\r\n").says(prefix_ + "2 OK done\r\n");
      if (lists_again) server.expects("3" + all).says(names + "3 OK done\r\n");
    }
    agree(server, list(expected), known_);
  }

  void SetUp() override {
    known_.remember = [this](const std::string& prefix) { known_.prefix = prefix; };
    known_.remember_said = [this](const std::string& said) { known_.said = said; };
  }

  mirror::KnownNamespace known_;
  std::string prefix_ = "* NAMESPACE ((\"INBOX.\" \".\")) NIL NIL\r\n";
  const std::string two_ = "* LIST () \".\" INBOX\r\n* LIST () \".\" INBOX.a\r\n";
};

TEST_F(NamespaceOverPasses, IsAskedForWhenTheMailboxesAreOthers) {
  pass(two_, true, "a\nINBOX\n");
  pass(two_, false, "a\nINBOX\n");
  pass(two_ + "* LIST () \".\" INBOX.b\r\n", true, "a\nb\nINBOX\n");
  pass(two_ + "* LIST () \".\" INBOX.b\r\n", false, "a\nb\nINBOX\n");
  pass("* LIST () \"/\" INBOX\r\n* LIST () \"/\" INBOX.a\r\n", true, "a\nINBOX\n");  // another delimiter
}

TEST_F(NamespaceOverPasses, APrefixThatIsToldOfLaterIsUsedAtOnce) {
  const auto prefix = std::exchange(prefix_, "* NAMESPACE ((\"\" \".\")) NIL NIL\r\n");
  const std::string one = "* LIST () \".\" INBOX\r\n";
  pass(one, true, "INBOX\n");
  pass(one, false, "INBOX\n");
  prefix_ = prefix;
  pass(two_, true, "a\nINBOX\n", true);
  pass(two_, false, "a\nINBOX\n");
}

TEST_F(NamespaceOverPasses, AServerThatTellsNothingIsAskedOnce) {
  prefix_ = "* NAMESPACE NIL NIL NIL\r\n";
  pass(two_, true, "INBOX\nINBOX/a\n");
  pass(two_, false, "INBOX\nINBOX/a\n");
}

}  // namespace
}  // namespace tests
