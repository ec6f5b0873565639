// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/config/server_address.h"

#include <gtest/gtest.h>

#include <string>

namespace tests {
namespace {

using mirror::ServerAddress;

TEST(ServerAddress, IsWrittenInManyWays) {
  const std::pair<const char*, ServerAddress> those[] = {
      {"h", {"imaps", "h", "", ""}},
      {"imap.example.org:993", {"imaps", "imap.example.org", "993", ""}},
      {"h:143", {"imap", "h", "143", ""}},
      {"imaps://h:143/", {"imaps", "h", "143", ""}},
      {"IMAP://h", {"imap", "h", "", ""}},
      {"imaps://me@h:993", {"imaps", "h", "993", "me"}},
      {"imaps://me%40example.org@h", {"imaps", "h", "", "me@example.org"}},
      {"me@example.org@h", {"imaps", "h", "", "me@example.org"}},
      {"[::1]:993", {"imaps", "::1", "993", ""}},
      {"[::1]", {"imaps", "::1", "", ""}},
      {"fe80::1", {"imaps", "fe80::1", "", ""}},
  };
  for (const auto& [text, address] : those) {
    const auto read = mirror::parse_server_address(text);
    ASSERT_TRUE(read) << text << ": " << read.error().text;
    EXPECT_EQ(*read, address) << text;
  }
}

TEST(ServerAddress, WhatIsNone) {
  for (const auto* text : {"", "http://h", "h:0", "h:65536", "h:x", "h:", "imaps://", "me@", "a b", "imaps://me:pw@h",
                           "me%4@h", "me%0a@h", "h/INBOX", "\x01"})
    EXPECT_FALSE(mirror::parse_server_address(text)) << text;
}

}  // namespace
}  // namespace tests
