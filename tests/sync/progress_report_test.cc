// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/progress_report.h"

#include <gtest/gtest.h>

#include <cstdlib>

using namespace mirror;
using namespace std::chrono_literals;

TEST(ProgressReport, IsALineAndBack) {
  const ProgressReport report{3, 40, 123'456, 2500ms, "lists/a b"};
  EXPECT_EQ(text_of(report), "3 40 123456 2500 lists/a b");
  EXPECT_EQ(report_of(text_of(report)), report);
  EXPECT_EQ(report_of(text_of({})), ProgressReport());
  for (const char* wrong : {"", "1", "1 2 3", "1 2 3 4", "a b c d e", "-1 2 3 4 x"})
    EXPECT_FALSE(report_of(wrong)) << wrong;
}

TEST(ProgressLine, ShowsMailboxMessagesOctetsRateAndTimeLeft) {
  ProgressLine line;
  EXPECT_EQ(line.show({0, 0, 500, 10ms, ""}, 80), "looking, 500 B");
  EXPECT_EQ(line.show({100, 400, 12'300'000, 10'000ms, "INBOX"}, 80),
            "INBOX: 100 of 400 messages, 25 %, 12.3 MB, 1230 kB/s, 0:30 left");
  EXPECT_EQ(line.show({400, 400, 50'000'000, 40'000ms, "INBOX"}, 80),
            "INBOX: 400 of 400 messages, 100 %, 50.0 MB, 1250 kB/s");
}

TEST(ProgressLine, NeverJumpsBack) {
  ProgressLine line;
  line.show({50, 100, 1000, 2000ms, "a"}, 80);
  EXPECT_EQ(line.show({60, 600, 1000, 2000ms, "b"}, 40), "60 of 600, 50 %, 500 B/s, 0:18 left");
  EXPECT_EQ(line.show({0, 0, 0, 3000ms, "c"}, 16), "50 %, 0:27 left");
  const auto shown = line.show({10, 20, 0, 3000ms, "c"}, 80);
  EXPECT_TRUE(shown.starts_with("c: 60 of 600 messages, 50 %, 1000 B")) << shown;
}

TEST(ProgressLine, FitsWhereverItIsShown) {
  for (std::size_t columns = 0; columns < 200; ++columns) {
    ProgressLine line;
    for (const char* mailbox : {"INBOX", "a/very/long/name/of/a/mailbox/that/fits/nowhere",
                                "\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87", "a\x1b[31mb"}) {
      const auto shown = line.show({12'345, 67'890, 123'456'789, 100'000ms, mailbox}, columns);
      EXPECT_LE(shown.size(), columns * 3);
      EXPECT_EQ(shown.find('\x1b'), std::string::npos);
      if (columns >= 20) EXPECT_FALSE(shown.empty());
      if (shown.find_first_of("\xe4\xef\xe2") == std::string::npos) EXPECT_LE(shown.size(), columns);
    }
  }
}
