// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// InterIMAP's command line.
#include "sync/interimap/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace tests {
namespace {

using mirror::InterImapLine;
using mirror::InterImapTarget;
using mirror::parse_interimap_line;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

InterImapLine good(const std::vector<std::string>& words) {
  const auto line = parse_interimap_line(words);
  if (line) return *line;
  ADD_FAILURE() << line.error().err;
  return {};
}

TEST(InterImapLine, OptionsAndMailboxes) {
  EXPECT_EQ(good({}), InterImapLine());
  const auto line = good({"--config=work", "-q", "--debug", "--debug", "inbox", "lists.x", "--notify"});
  EXPECT_EQ(line.config, "work");
  EXPECT_TRUE(line.quiet);
  EXPECT_EQ(line.debug, 2);
  EXPECT_FALSE(line.notify);  // behind the first mailbox it is a mailbox
  EXPECT_THAT(line.mailboxes, ElementsAre("INBOX", "lists.x", "--notify"));
  EXPECT_EQ(good({"--config", "/etc/x"}).config, "/etc/x");
  EXPECT_THAT(good({"--", "--debug"}).mailboxes, ElementsAre("--debug"));
  EXPECT_EQ(good({"--repair"}).command, InterImapLine::Command::Repair);
}

TEST(InterImapLine, Intervals) {
  EXPECT_EQ(good({}).watch, std::nullopt);
  for (const auto& [words, interval] : {std::pair(std::vector<std::string>{"--watch"}, 60),
                                        {{"--watch="}, 60},
                                        {{"--watch=0"}, 60},
                                        {{"--watch=20"}, 20},
                                        {{"--watch", "20"}, 20},
                                        {{"--notify"}, 900},
                                        {{"--notify", "--watch"}, 900},
                                        {{"--watch=7", "--notify"}, 7}})
    EXPECT_EQ(good(words).watch, seconds(interval)) << words.front();
  EXPECT_THAT(good({"--watch", "INBOX"}).mailboxes, ElementsAre("INBOX"));
}

TEST(InterImapLine, Targets) {
  using enum InterImapTarget;
  EXPECT_THAT(good({"--delete", "x"}).targets, ElementsAre(Local, Remote, Database));
  EXPECT_THAT(good({"--target=remote", "--delete", "x"}).targets, ElementsAre(Remote));
  EXPECT_THAT(good({"--target", "local,database", "--rename", "x", "y"}).targets, ElementsAre(Local, Database));
  EXPECT_THAT(good({"--target=local", "--target=remote", "--delete", "x"}).targets, ElementsAre(Local, Remote));
}

TEST(InterImapLine, WhatIsWrong) {
  for (const auto& [words, said] : {std::pair(std::vector<std::string>{"--foo"}, "Unknown option: foo"),
                                    {{"--conf", "x"}, "Unknown option: conf"},
                                    {{"-x"}, "Unknown option: x"},
                                    {{"--config"}, "config requires an argument"},
                                    {{"--quiet=1"}, "quiet does not take an argument"},
                                    {{"--watch=abc"}, "number expected"},
                                    {{"--watch=-3"}, "wants a number of seconds"},
                                    {{"--watch=99999999999"}, "wants a number of seconds"},
                                    {{"--target=local"}, "goes with --delete and --rename alone"},
                                    {{"--target=local", "--repair"}, "goes with --delete and --rename alone"},
                                    {{"--target=local", "--delete"}, "wants a mailbox"},
                                    {{"--target=here", "--delete", "x"}, "Invalid target here"},
                                    {{"--delete"}, "wants a mailbox"},
                                    {{"--rename", "a"}, "wants two names"},
                                    {{"--rename", "a", "b", "c"}, "wants two names"},
                                    {{"--repair", "--delete", "x"}, "only one of"},
                                    {{"--repair", "--watch"}, "go with no other command"},
                                    {{"--delete", "--notify", "x"}, "go with no other command"},
                                    {{"r\xc3\xa9sum\xc3\xa9"}, "Invalid mailbox name"},
                                    {{""}, "Invalid mailbox name"}}) {
    const auto line = parse_interimap_line(words);
    ASSERT_FALSE(line) << said;
    EXPECT_EQ(line.error().code, std::string(said).starts_with("Invalid") ? 255 : 1) << said;
    EXPECT_EQ(line.error().out, "");
    EXPECT_THAT(line.error().err, HasSubstr(said));
  }
}

TEST(InterImapLine, HelpAndVersion) {
  for (const auto& words : {std::vector<std::string>{"--help"}, {"-h"}, {"-qh"}}) {
    const auto line = parse_interimap_line(words);
    ASSERT_FALSE(line);
    EXPECT_EQ(line.error().code, 0);
    EXPECT_THAT(line.error().err, HasSubstr("--rename SOURCE DEST"));
  }
  EXPECT_THAT(parse_interimap_line({"--version"}).error().out, HasSubstr("interimap (postern "));
}

TEST(InterImapLine, ConfigurationFile) {
  ::setenv("XDG_CONFIG_HOME", "/c", 1);
  EXPECT_EQ(mirror::interimap_config_file(""), "/c/interimap/config");
  EXPECT_EQ(mirror::interimap_config_file("work"), "/c/interimap/work");
  EXPECT_EQ(mirror::interimap_config_file("/x/y"), "/x/y");
  ::unsetenv("XDG_CONFIG_HOME");
}

}  // namespace
}  // namespace tests
