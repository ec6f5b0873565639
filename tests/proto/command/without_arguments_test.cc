// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/command_text.h"

namespace {

using namespace imap;
using tests::expect_both_ways;
using tests::expect_malformed;

TEST(WithoutArguments, both_ways) {
  expect_both_ways("CAPABILITY", CapabilityCommand{});
  expect_both_ways("CHECK", CheckCommand{});
  expect_both_ways("CLOSE", CloseCommand{});
  expect_both_ways("EXPUNGE", ExpungeCommand{});
  expect_both_ways("IDLE", IdleCommand{});
  expect_both_ways("LOGOUT", LogoutCommand{});
  expect_both_ways("NAMESPACE", NamespaceCommand{});
  expect_both_ways("NOOP", NoopCommand{});
  expect_both_ways("STARTTLS", StarttlsCommand{});
  expect_both_ways("UNSELECT", UnselectCommand{});
}

TEST(WithoutArguments, case_and_trailing_space_do_not_matter) {
  expect_both_ways("noop", NoopCommand{}, "NOOP");
  expect_both_ways("NoOp ", NoopCommand{}, "NOOP");
  expect_both_ways("Idle", IdleCommand{}, "IDLE");
}

TEST(WithoutArguments, nothing_may_follow) {
  expect_malformed({"NOOP x", "CAPABILITY ()", "CHECK 1", "CLOSE INBOX", "IDLE DONE", "LOGOUT now", "NAMESPACE \"\"",
                    "STARTTLS {0+}\r\n", "UNSELECT INBOX", "EXPUNGE 1:*", "NOOP\t", "NOOP\r"});
}

}  // namespace
