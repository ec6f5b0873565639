// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/login_gate.h"

#include <gtest/gtest.h>

#include <vector>

namespace {

using server::LoginGate;
using std::chrono::milliseconds;

LoginGate::Limits small() {
  LoginGate::Limits out;
  out.in_all = 4;
  out.of_an_address = 2;
  out.remembered = 3;
  out.first_delay = milliseconds(10);
  out.longest_delay = milliseconds(50);
  return out;
}

class Gate : public testing::Test {
 protected:
  std::shared_ptr<LoginGate::Visit> enter(const std::string& address) {
    auto visit = gate_.enter(address);
    visit->on_eviction = [this, address] { evicted_.push_back(address); };
    kept_.push_back(visit);
    return visit;
  }
  LoginGate gate_{small()};
  std::vector<std::shared_ptr<LoginGate::Visit>> kept_;
  std::vector<std::string> evicted_;
};

TEST_F(Gate, ANewConnectionEndsTheOldestOfItsAddress) {
  enter("a");
  enter("b");
  enter("a");
  enter("a");
  EXPECT_EQ(evicted_, std::vector<std::string>{"a"});
  EXPECT_EQ(gate_.inside(), 3u);
}

TEST_F(Gate, ANewConnectionEndsTheOldestOfAll) {
  for (const char* address : {"a", "b", "c", "d", "e", "f"}) enter(address);
  EXPECT_EQ(evicted_, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(gate_.inside(), 4u);
  kept_.clear();
  EXPECT_EQ(gate_.inside(), 0u);
}

TEST_F(Gate, WhoHasSaidSomethingStaysBeforeThoseWhoAreSilent) {
  enter("a")->spoke();
  for (const char* address : {"b", "c", "d", "e", "f"}) enter(address);
  EXPECT_EQ(evicted_, (std::vector<std::string>{"b", "c"}));
  for (const auto& visit : kept_) visit->spoke();
  enter("g");
  EXPECT_EQ(evicted_.back(), "a");
}

TEST_F(Gate, WhoHasLoggedInIsNoVisitorAnyMore) {
  for (int i = 0; i < 10; ++i) enter("a")->logged_in();
  EXPECT_EQ(gate_.inside(), 0u);
  EXPECT_TRUE(evicted_.empty());
}

TEST_F(Gate, WrongPasswordsSlowDownAllConnectionsOfAnAddress) {
  EXPECT_EQ(enter("a")->wrong_password(), milliseconds(10));
  EXPECT_EQ(enter("a")->wrong_password(), milliseconds(20));
  EXPECT_EQ(enter("b")->wrong_password(), milliseconds(10));
  EXPECT_EQ(enter("a")->wrong_password(), milliseconds(40));
  EXPECT_EQ(enter("a")->wrong_password(), milliseconds(50));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(enter("a")->wrong_password(), milliseconds(50));
  enter("a")->logged_in();
  EXPECT_EQ(enter("a")->wrong_password(), milliseconds(10));
  for (const char* address : {"c", "d", "e"}) enter(address)->wrong_password();  // no more than three are remembered
  EXPECT_EQ(enter("b")->wrong_password(), milliseconds(10));
}

}  // namespace
