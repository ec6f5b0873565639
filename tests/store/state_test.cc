// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The states of others: prefixes of any octets.
#include "tests/store/store_case.h"

namespace tests {
namespace {

class State : public StoreCase {
 protected:
  std::vector<std::string> keys(const std::string& prefix) {
    std::vector<std::string> out;
    for (const auto& [key, value] : store_->get_states(prefix)) out.push_back(key);
    return out;
  }
};

TEST_F(State, PrefixesOfAnyOctets) {
  open();
  store::StateBatch batch;
  for (const std::string key : {"a", "a\xFF", "a\xFF\xFF", "a\xFF\xFF!", "b", "\xFF\xFF", "\xFF\xFF\xFF"})
    batch.put(key, "v");
  store_->put_state(batch);
  EXPECT_EQ(keys("a\xFF"), (std::vector<std::string>{"a\xFF", "a\xFF\xFF", "a\xFF\xFF!"}));
  EXPECT_EQ(keys("a\xFF\xFF"), (std::vector<std::string>{"a\xFF\xFF", "a\xFF\xFF!"}));
  EXPECT_EQ(keys("\xFF\xFF"), (std::vector<std::string>{"\xFF\xFF", "\xFF\xFF\xFF"}));
  EXPECT_EQ(keys("").size(), 7u);
  EXPECT_TRUE(keys("c").empty());
  store::StateBatch gone;
  gone.erase("a\xFF\xFF");
  store_->put_state(gone);
  reopen();
  EXPECT_EQ(keys("a\xFF"), (std::vector<std::string>{"a\xFF", "a\xFF\xFF!"}));
}

}  // namespace
}  // namespace tests
