// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What servers say when a login is refused. Gmail: https://github.com/mordak/runt/issues/1. Exchange:
// https://github.com/jstedfast/MailKit/issues/1494.
#include "sync/client/refused_login.h"

#include <gtest/gtest.h>

namespace tests {
namespace {

imap::StatusResponse no(std::optional<imap::ResponseCode::Kind> code, const std::string& text) {
  imap::StatusResponse out;
  out.text = text;
  if (code) {
    out.code.emplace();
    out.code->kind = *code;
  }
  return out;
}

TEST(RefusedLogin, ForAWhileOrForGood) {
  using Kind = imap::ResponseCode::Kind;
  const struct {
    std::optional<Kind> code;
    const char* text;
    bool for_a_while;
  } rows[] = {
      {Kind::Limit, "no", true},
      {Kind::InUse, "no", true},
      {Kind::Unavailable, "Temporary authentication failure.", true},
      {std::nullopt, "Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)", true},
      {std::nullopt, "Too many simultaneous connections. (Failure)", true},
      {std::nullopt, "Request is throttled. Suggested Backoff Time: 2500 milliseconds", true},
      {std::nullopt, "[SERVERBUG] LOGIN Server error - Please try again later", true},
      {std::nullopt, "Account is temporarily unavailable", true},
      {std::nullopt, "User is authenticated but not connected.", true},
      {std::nullopt, "Command received in Invalid state.", true},
      {std::nullopt, "Server Unavailable. 15", true},
      {std::nullopt, "Account exceeded command or bandwidth limits. (Failure)", true},
      {std::nullopt, "Internal error occurred. Refer to server log for more information.", true},
      {Kind::ServerBug, "no", true},
      {std::nullopt, "LOGIN failed.", false},
      {std::nullopt, "Invalid credentials (Failure)", false},
      {Kind::AuthenticationFailed, "Too many wrong passwords, try again later", false},
  };
  for (const auto& row : rows)
    EXPECT_EQ(mirror::is_refused_for_a_while(no(row.code, row.text)), row.for_a_while) << row.text;
}

TEST(RefusedLogin, SuggestedPause) {
  using std::chrono::milliseconds;
  EXPECT_EQ(mirror::suggested_pause("Request is throttled. Suggested Backoff Time: 2500 milliseconds"),
            milliseconds(2500));
  EXPECT_EQ(mirror::suggested_pause("suggested backoff time:30 seconds"), milliseconds(30'000));
  EXPECT_EQ(mirror::suggested_pause("Suggested Backoff Time: 99999999999999 milliseconds"), std::chrono::hours(24));
  for (const auto* text : {"", "throttled", "Backoff Time:", "Backoff Time: soon", "Backoff Time: -5 milliseconds",
                           "Backoff Time: 99999999999999999999999 milliseconds"})
    EXPECT_FALSE(mirror::suggested_pause(text)) << text;
}

}  // namespace
}  // namespace tests
