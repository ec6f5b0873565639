// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Of which mailboxes a server is asked to tell changes at once.
#include <gmock/gmock.h>

#include "sync/config/config.h"

namespace tests {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> idle_of(const std::string& line) {
  const auto config = mirror::parse_config(line + "\n[remote]\nhost = a\n", "/c");
  if (!config) throw std::runtime_error(config.error().text);
  return config->idle;
}

TEST(IdleOption, NamesMailboxes) {
  EXPECT_THAT(idle_of(""), ElementsAre("INBOX"));
  EXPECT_THAT(idle_of("idle = inbox"), ElementsAre("INBOX"));
  EXPECT_THAT(idle_of("idle = INBOX, Lists/postern ,a b/,INBOX"), ElementsAre("INBOX", "Lists/postern", "a b"));
  EXPECT_THAT(idle_of("idle = NO"), IsEmpty());
}

}  // namespace
}  // namespace tests
