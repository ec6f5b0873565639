// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What ImapStream asks of a server, and how servers answer.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sync/imap/imap_stream.h"
#include "tests/support/conversation.h"

namespace tests {

inline std::string asks(const std::string& tag, const std::string& uids) {
  return tag + " UID FETCH " + uids + " (FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])\r\n";
}
inline std::string gives(int uid, const std::string& text, const std::string& date = "\"01-Jan-1970 00:00:10 +0000\"",
                         std::size_t size = 1) {
  return "* 1 FETCH (UID " + std::to_string(uid) + " FLAGS () INTERNALDATE " + date + " RFC822.SIZE " +
         std::to_string(size) + " BODY[] {" + std::to_string(text.size()) + "}\r\n" + text + ")\r\n";
}

inline Conversation hello() { return Conversation().says("* PREAUTH [CAPABILITY IMAP4rev1] hello\r\n"); }

// What comes of these UIDs: "UID:text@date".
inline std::vector<std::string> received(const Conversation& server, const imap::UidSet& uids,
                                         std::string* failure = nullptr, const mirror::KnownSizes* sizes = nullptr) {
  std::vector<std::string> out;
  const mirror::KnownSizes all_fine{uids, {}};
  const auto outcome = converse(server, [&](mirror::Client& client) -> asio::awaitable<void> {
    co_await client.read_greeting();
    const auto stream = mirror::make_imap_stream(client, uids, sizes ? *sizes : all_fine);
    for (;;) {
      const auto message = co_await stream->next();
      if (!message) break;
      out.push_back(std::to_string(message->uid.value) + ":" + message->data.bytes() + "@" +
                    std::to_string(message->internal_date));
    }
    const auto withheld = stream->withheld();
    for (const auto& [uid, why] : withheld) out.push_back(std::to_string(uid.value) + " withheld: " + why);
  });
  EXPECT_EQ(outcome.server, "");
  if (failure)
    *failure = outcome.failure;
  else
    EXPECT_EQ(outcome.failure, "");
  return out;
}

inline std::string asks_sizes(const std::string& tag, const std::string& uids) {
  return tag + " UID FETCH " + uids + " (RFC822.SIZE)\r\n";
}
inline std::string has_size(int uid, std::uint64_t size) {
  return "* 1 FETCH (UID " + std::to_string(uid) + " RFC822.SIZE " + std::to_string(size) + ")\r\n";
}

}  // namespace tests
