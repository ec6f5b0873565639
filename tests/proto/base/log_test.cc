// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/base/log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <sstream>
#include <thread>

#include "proto/base/files.h"

namespace {

class LogTest : public testing::Test {
 protected:
  void SetUp() override { base::set_log_file(path_); }
  void TearDown() override {
    base::set_log_level(base::LogLevel::Info);
    std::filesystem::remove(path_);
  }
  std::string written() const { return base::read_file(path_); }
  std::string path_ = std::filesystem::temp_directory_path() / ("postern-log-" + base::unique_name());
};

TEST_F(LogTest, OneLineWithItsFacts) {
  const auto log = base::Log().with({"session", 7});
  log.info("selected", {{"mailbox", "a b"}, {"exists", 3}, {"password", base::Secret("x")}, {"empty", ""}});
  const std::regex line(
      R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info selected session=7 mailbox="a b" exists=3 password=\*\*\* empty=""\n)");
  EXPECT_TRUE(std::regex_match(written(), line)) << written();
}

TEST_F(LogTest, AValueCannotForgeALineOrAFact) {
  base::Log().error("x", {{"v", "a\nb"}, {"w", "\"\\"}, {"e", "k=v"}, {"u", "ü"}});
  EXPECT_NE(written().find(R"( error x v="a\x0ab" w="\"\\" e="k=v" u=ü)"
                           "\n"),
            std::string::npos)
      << written();
}

TEST_F(LogTest, LevelsBelowTheLowestAreNotWritten) {
  const base::Log log;
  log.debug("a");
  base::set_log_level(base::LogLevel::Warning);
  log.info("b");
  EXPECT_EQ(written(), "");
  log.warning("c");
  EXPECT_NE(written().find(" warning c\n"), std::string::npos);
}

TEST_F(LogTest, LinesOfThreadsDoNotMix) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([] {
      for (int i = 0; i < 500; ++i) base::Log().info("event", {{"value", std::string(100, 'x')}});
    });
  for (auto& thread : threads) thread.join();
  std::istringstream lines(written());
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count)
    ASSERT_TRUE(line.ends_with("info event value=" + std::string(100, 'x'))) << line;
  EXPECT_EQ(count, 2000);
}

}  // namespace
