// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Conversation: a server that says and expects what a test has written down, to the octet; with a Client at its other
// end.
#pragma once

#include <asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proto/transport/stream.h"
#include "sync/client/client.h"

namespace tests {

class Conversation {
 public:
  Conversation& says(std::string_view text);
  Conversation& expects(std::string_view text);
  // How many octets the server says in all.
  std::size_t octets() const;

  static constexpr std::size_t kUncut = std::numeric_limits<std::size_t>::max();
  // Plays the server; closes the stream after so many octets were said, or at the end. What was wrong, if anything:
  // not what was expected, or not all of it.
  asio::awaitable<std::string> play(transport::Stream& stream, std::size_t cut_after = kUncut) const;

 private:
  struct Turn {
    bool says;
    std::string text;
  };
  std::vector<Turn> turns_;
};

struct Outcome {
  std::string server;   // what the server found wrong; empty: nothing
  std::string failure;  // the text of what the client's side threw; empty: nothing
  bool ended = false;   // both came to an end
};

using ClientBody = std::function<asio::awaitable<void>(mirror::Client&)>;
using OwningBody = std::function<asio::awaitable<void>(std::unique_ptr<mirror::Client>)>;
Outcome converse(const Conversation& server, const ClientBody& body, std::size_t cut_after = Conversation::kUncut,
                 std::chrono::seconds patience = std::chrono::seconds(20));
Outcome converse_owning(const Conversation& server, const OwningBody& body,
                        std::size_t cut_after = Conversation::kUncut,
                        std::chrono::seconds patience = std::chrono::seconds(20));

// The conversation goes as written; and where it is cut off, after each octet in turn, the client's side fails with a
// word, and neither waits nor goes on.
void expect_agreement(const Conversation& server, const std::function<Outcome(std::size_t cut_after)>& play);
// Of a conversation that the server ends as written: what the client's side threw.
std::string expect_failure(const Outcome& out);

}  // namespace tests
