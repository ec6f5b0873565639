// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Removed messages: the bytes of their list, what is kept, what comes back.
#include <gtest/gtest.h>

#include "proto/base/clock.h"
#include "store/removed/removed_mail.h"
#include "tests/store/store_case.h"
#include "tests/support/temp_directory.h"

namespace tests {
namespace {

using store::RemovalLine;
using store::RemovalNote;

const RemovalLine kLine{
    "abcdefghijklmnop-7", true, "a\tb\\c", {1'764'000'000, "pass 20261126T165500Z", -5, 9, {"$a", "b"}}};

TEST(RemovalLine, IsTheseBytes) {
  const std::string bytes = "abcdefghijklmnop-7\t1\ta\\tb\\\\c\t1764000000\tpass 20261126T165500Z\t-5\t9\t$a b\n";
  EXPECT_EQ(store::encode(kLine), bytes);
  EXPECT_EQ(store::decode_removal_line(bytes.substr(0, bytes.size() - 1)), kLine);
}

TEST(RemovalLine, DamagedOnesAreNone) {
  for (const auto* text :
       {"", "a", "a\t1", "a\t1\tINBOX", "a\t1\tINBOX\t5\tclient\t5", "a\tx\tINBOX\t5\tclient\t5\t0\t",
        "../a\t1\tINBOX\t5\tclient\t5\t0\t", ".a\t1\tINBOX\t5\tclient\t5\t0\t", "a\t1\tINBOX\t5\tclient\t5\t256\t",
        "a\t1\tINBOX\tnow\tclient\t5\t0\t"})
    EXPECT_FALSE(store::decode_removal_line(text)) << text;
  EXPECT_TRUE(store::decode_removal_line("a\t1\tINBOX\t5\tclient\t5\t0\t"));
}

TEST(RemovedMail, KeepsTextsAsTheyWere) {
  const TempDirectory directory;
  store::RemovedMail removed(directory.path() / "removed", {}, false);
  for (const std::string text : {"Subject: a\r\n\r\nlines\r\n", "bare\nline and\r\nnot\r\n", "no line end", ""}) {
    removed.add(imap::Literal(text), {"", false, "INBOX", {1000, "pass", 5, 1, {"k"}}});
    const auto listed = removed.list();
    ASSERT_EQ(listed.size(), 1u);
    EXPECT_EQ(removed.text(listed.front()).bytes(), text);
    EXPECT_EQ(listed.front().mailbox.utf8(), "INBOX");
    EXPECT_TRUE(listed.front().flags.has("k"));
    removed.forget(listed.front().id);
  }
  EXPECT_TRUE(removed.list().empty());
}

TEST(RemovedMail, DropsWhatIsTooOldAndTheOldestOfTooMuch) {
  const TempDirectory directory;
  store::RemovedMail removed(directory.path() / "removed", {}, false);
  const auto now = base::unix_now();
  const auto keep = [&](std::int64_t when) {
    removed.add(imap::Literal(std::string(1000, 'x')), {"", false, "INBOX", {when, "client", 5, 0, {}}});
  };
  keep(now - 40 * 86'400), keep(now - 3 * 86'400), keep(now - 2 * 86'400), keep(now);
  removed.sweep();
  EXPECT_EQ(removed.list().size(), 3u);
  removed.set_limits({.octets = 2500});
  removed.sweep();
  const auto left = removed.list();
  ASSERT_EQ(left.size(), 2u);
  EXPECT_EQ(left.front().when, now - 2 * 86'400);
  keep(now + 1), keep(now + 1);  // of one day too: the one that was there before goes first
  removed.set_limits({.octets = 2500});
  removed.sweep();
  ASSERT_EQ(removed.list().size(), 2u);
  EXPECT_EQ(removed.list().front().when, now + 1);
  removed.set_limits({.time = std::chrono::hours(0)});
  EXPECT_FALSE(removed.keeps());
}

// As of a clock that was set back: what was removed "tomorrow" is kept, told, and goes when it is old.
TEST(RemovedMail, KeepsWhatIsOfATimeToCome) {
  const TempDirectory directory;
  store::RemovedMail removed(directory.path() / "removed", {}, false);
  const auto now = base::unix_now();
  for (const auto when : {now + 400 * 86'400, now})
    removed.add(imap::Literal("x"), {"", false, "INBOX", {when, "client", 5, 0, {}}});
  removed.sweep();
  const auto kept = removed.list();
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept.back().when, now + 400 * 86'400);
  EXPECT_EQ(removed.text(kept.back()).bytes(), "x");
}

}  // namespace
}  // namespace tests
