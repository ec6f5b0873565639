// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The bytes of the notes on prefixes, as they lie on users' disks: below a prefix that is not known any more mail would
// be sent to another account's server.
#include "sync/account/prefix_notes.h"

#include <gmock/gmock.h>

#include "tests/store/store_case.h"
#include "tests/support/golden.h"

namespace tests {
namespace {

using mirror::PrefixNote;

class PrefixNoteBytes : public StoreCase {
 protected:
  void put_octets(const std::string& key, const std::string& value) {
    store::StateBatch batch;
    batch.put(key, octets(value));
    store_->put_state(batch, true);
  }
};

const PrefixNote kWork{"work.journal", "Work/", "at work"};
const std::string kKey = "prefix/work.journal", kValue = hex("1Work/") + "00" + hex("at work");

TEST_F(PrefixNoteBytes, Written) {
  open();
  mirror::put_prefix_note(*store_, kWork);
  const auto states = store_->get_states("prefix/");
  ASSERT_EQ(states.size(), 1u);
  EXPECT_EQ(states[0].first, kKey);
  EXPECT_EQ(hex(states[0].second), kValue);
  mirror::forget_prefix_note(*store_, kWork.database);
  EXPECT_TRUE(store_->get_states("prefix/").empty());
}

TEST_F(PrefixNoteBytes, Read) {
  open();
  put_octets(kKey, kValue);
  put_octets("prefix/other", hex("1") + "00" + hex("no prefix"));
  put_octets("prefix/torn", hex("1Torn/"));
  put_octets("prefix/later", hex("2Later/") + "00" + hex("another form"));
  reopen();
  EXPECT_THAT(mirror::prefix_notes(*store_), testing::ElementsAre(kWork));
}

}  // namespace
}  // namespace tests
