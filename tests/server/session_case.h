// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What the tests of sessions share: a store in memory, a server over it, and some mail.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/memory_store.h"
#include "tests/support/session_fixture.h"

namespace tests {

inline constexpr const char* kMail =
    "From: a@example.org\r\nSubject: hello\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n\r\nbody text\r\n";

struct Passwords final : server::Authenticator {
  bool accepts(const std::string& user, const base::Secret& password) override {
    return user == "joe" && password.reveal() == "secret";
  }
};

class SessionTest : public testing::Test {
 protected:
  MemoryStore store;
  SessionFixture server{store};

  void fill(int count) {
    TestClient client(server);
    for (int i = 0; i < count; ++i) ASSERT_THAT(client.append("INBOX", kMail), testing::HasSubstr("OK [APPENDUID"));
  }
};

}  // namespace tests
