// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A server in this process and clients that talk to it line by line over socket pairs: for tests of sessions.
#pragma once

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "server/session_context.h"
#include "store/mail_store.h"

namespace tests {

// Sessions run on a thread of the fixture's; the test's own thread plays the clients.
class SessionFixture {
 public:
  explicit SessionFixture(store::MailStore& store);
  ~SessionFixture();  // ends all sessions; clients must be gone before

  int connect();  // a socket whose other end is a new session
  void stop(std::string text);
  server::SessionContext context;  // copied into each session; may be changed before connect()

 private:
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  transport::WorkerPool workers_{2};
  server::StopSignal stop_;
  std::thread thread_;
};

class TestClient {
 public:
  explicit TestClient(SessionFixture& fixture);
  ~TestClient();
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  const std::string& greeting() const { return greeting_; }
  // Sends one command and returns all that comes up to its tagged line, tag left out: "* ...\r\nOK ...\r\n".
  std::string operator()(std::string_view command);
  std::string append(std::string_view mailbox, std::string_view text, std::string_view flags = "");
  void send(std::string_view octets);
  std::string line();                       // the next one, with its CRLF; "" at the end
  std::string reply();                      // the same with its literals
  std::string until(std::string_view tag);  // all up to the line that begins with the tag, which is included
  std::string octets();                     // whatever has come, at least one
  bool at_end();                            // waits for the server to close

 private:
  bool read_more();
  int fd_;
  int tag_ = 0;
  std::string buffer_, greeting_;
};

}  // namespace tests
