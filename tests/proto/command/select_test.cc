// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/command_text.h"

namespace {

using namespace imap;
using tests::expect_both_ways;
using tests::expect_malformed;

TEST(Select, both_ways) {
  expect_both_ways("SELECT INBOX", SelectCommand{false, MailboxName("INBOX"), false, {}});
  expect_both_ways("EXAMINE \"a b\"", SelectCommand{true, MailboxName("a b"), false, {}});
  expect_both_ways("select inbox (condstore)", SelectCommand{false, MailboxName("INBOX"), true, {}},
                   "SELECT INBOX (CONDSTORE)");
  expect_both_ways("EXAMINE INBOX (CONDSTORE)", SelectCommand{true, MailboxName("INBOX"), true, {}});
}

TEST(Select, qresync) {
  SelectCommand select{false, MailboxName("INBOX"), false,
                       SelectCommand::Qresync{UidValidity(67890007), ModSeq(90060115194045000), {}, {}}};
  expect_both_ways("SELECT INBOX (QRESYNC (67890007 90060115194045000))", select);
  select.qresync->known_uids = UidSet{{41, 211}, {214, 541}};
  expect_both_ways("SELECT INBOX (QRESYNC (67890007 90060115194045000 41:211,214:541))", select);
  select.qresync->known_pairs.emplace(SeqSet{{1, 1}, {5, 5}}, UidSet{{41, 41}, {50, 50}});
  expect_both_ways("SELECT INBOX (QRESYNC (67890007 90060115194045000 41:211,214:541 (1,5 41,50)))", select);
  select.qresync->known_uids.reset();
  select.condstore = true;
  expect_both_ways("SELECT INBOX (CONDSTORE QRESYNC (67890007 90060115194045000 (1,5 41,50)))", select);
  expect_both_ways("SELECT INBOX (qresync (67890007 90060115194045000 (5,1 50,41)) condstore)", select,
                   "SELECT INBOX (CONDSTORE QRESYNC (67890007 90060115194045000 (1,5 41,50)))");
}

TEST(Select, malformed) {
  expect_malformed({"SELECT",
                    "SELECT ",
                    "SELECT a b",
                    "SELECT a ()",
                    "SELECT a (X)",
                    "SELECT a CONDSTORE",
                    "SELECT a (CONDSTORE",
                    "SELECT a (CONDSTOREQRESYNC (1 1))",
                    "SELECT a (QRESYNC)",
                    "SELECT a (QRESYNC ())",
                    "SELECT a (QRESYNC (1))",
                    "SELECT a (QRESYNC (0 1))",
                    "SELECT a (QRESYNC (1 1 *))",
                    "SELECT a (QRESYNC (1 1 1:*))",
                    "SELECT a (QRESYNC (1 1 $))",
                    "SELECT a (QRESYNC (1 1 1 (1)))",
                    "SELECT a (QRESYNC (1 1 1 (* 1)))",
                    "SELECT a (QRESYNC (1 1 1 (1 *)))",
                    "SELECT a (QRESYNC (1 1 1 (1 1) 2))",
                    "UID SELECT a",
                    "SELECT a* "});
}

}  // namespace
