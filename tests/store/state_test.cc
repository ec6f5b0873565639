// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The states of others: prefixes of any octets.
#include <chrono>

#include "proto/base/clock.h"
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

// What clients hold of a mailbox is by its MODSEQ: one that is lower than before would hide changes from them.
class HighestModseq : public StoreCase {
 protected:
  void SetUp() override {
    open();
    append(*mailbox(), 3);
    store_->drain_renames();
  }
  imap::ModSeq highest() { return mailbox()->status().highest_modseq; }
  std::filesystem::path ours() const { return root_.path() / ".postern"; }
};

// The clock was right, or ahead, when the mail was changed last, and is not now.
TEST_F(HighestModseq, AClockThatWasSetBackDoesNotLowerIt) {
  store_.reset();
  std::filesystem::remove_all(ours());
  const auto tomorrow = std::filesystem::file_time_type::clock::now() + std::chrono::hours(24);
  std::filesystem::last_write_time(directory() / "cur", tomorrow);
  const auto then = static_cast<std::uint64_t>(base::unix_micros()) + std::uint64_t{24 * 3600 - 60} * 1'000'000;
  open();
  EXPECT_GT(highest().value, then);
  EXPECT_EQ(mailbox()->uids().size(), 3u);
  // A time that is nonsense is not taken.
  store_.reset();
  std::filesystem::remove_all(ours());
  std::filesystem::last_write_time(directory() / "cur", tomorrow + std::chrono::hours(24 * 365 * 270));
  open();
  EXPECT_LT(highest().value, then * 2);
}

TEST_F(HighestModseq, AnOldStateThatIsPutBackDoesNotLowerIt) {
  const auto kept = root_.path() / "kept";
  store_.reset();
  std::filesystem::copy(ours(), kept, std::filesystem::copy_options::recursive);
  open();
  for (int i = 0; i < 20; ++i)
    ASSERT_TRUE(mailbox()->change_flags({{1, 1}}, i % 2 ? imap::FlagChange::Remove : imap::FlagChange::Add,
                                        {imap::Flag::Flagged}));
  const auto before = highest();
  store_.reset();
  std::filesystem::remove_all(ours());
  std::filesystem::rename(kept, ours());
  open();
  EXPECT_GE(highest(), before);
  EXPECT_EQ(mailbox()->changes_since(before).changed.size(), 3u) << "what was changed meanwhile is not known";
  const auto risen = highest();
  reopen();
  EXPECT_EQ(highest(), risen) << "only once";
}

}  // namespace
}  // namespace tests
