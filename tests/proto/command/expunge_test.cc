// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/command_text.h"

namespace {

using namespace imap;
using tests::expect_both_ways;
using tests::expect_malformed;

TEST(Expunge, both_ways) {
  expect_both_ways("EXPUNGE", ExpungeCommand{});
  expect_both_ways("UID EXPUNGE 3000:3002,*", ExpungeCommand{SequenceSet{{{3000, 3002}, {0, 0}}, false}});
  expect_both_ways("uid expunge $", ExpungeCommand{SequenceSet{{}, true}}, "UID EXPUNGE $");
  expect_malformed({"EXPUNGE 1", "UID EXPUNGE", "UID EXPUNGE ", "UID EXPUNGE x", "UID EXPUNGE 1 2"});
}

}  // namespace
