// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/hooks/hook_news.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

using namespace mirror;
using Json = nlohmann::json;

namespace {

Arrival arrival(const std::string& subject, imap::FlagSet flags = {}) {
  Arrival out;
  out.mailbox = "INBOX";
  out.uid = imap::Uid(7);
  out.flags = std::move(flags);
  out.from = "Ann <ann@example.org>";
  out.subject = subject;
  out.message_id = "<1@example.org>";
  out.date = 1'764'176'100;
  return out;
}

NewMail mail(std::initializer_list<Arrival> messages) {
  NewMail out;
  out.messages = messages;
  out.count = messages.size();
  return out;
}

Problem left(const std::string& text) { return {Problem::Kind::Left, "", text}; }

}  // namespace

TEST(HookNews, NewMailIsOneLineOfAsciiThatGivesTheSameTextBack) {
  const std::string subject = "Gr\xc3\xbc\xc3\x9f\x65 \x1b[31m\r\n\"quoted\" \\ \xe2\x80\xae end";
  const auto line = json_of({"work", "work/"}, mail({arrival(subject, {imap::Flag::Seen})}));
  ASSERT_EQ(line.find('\n'), line.size() - 1);
  for (const char c : line.substr(0, line.size() - 1)) EXPECT_TRUE(c >= 0x20 && c < 0x7F) << static_cast<int>(c);
  const auto json = Json::parse(line);
  EXPECT_EQ(json["event"], "new");
  EXPECT_EQ(json["account"], "work");
  EXPECT_EQ(json["count"], 1);
  EXPECT_EQ(json["first"], false);
  const auto& one = json["messages"][0];
  EXPECT_EQ(one["mailbox"], "work/INBOX");
  EXPECT_EQ(one["uid"], 7);
  EXPECT_EQ(one["subject"], subject);
  EXPECT_EQ(one["from"], "Ann <ann@example.org>");
  EXPECT_EQ(one["message_id"], "<1@example.org>");
  EXPECT_EQ(one["date"], "2025-11-26T16:55:00Z");
  EXPECT_EQ(one["flags"][0], "\\Seen");
}

TEST(HookNews, WhatIsNoUtf8IsReplaced) {
  EXPECT_EQ(Json::parse(json_of({"a", ""}, mail({arrival("\xff\xfe")})))["messages"][0]["subject"],
            "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(HookNews, WhatComesMeanwhileIsGatheredAndBounded) {
  auto news = mail({arrival("one")});
  for (int i = 0; i < 30; ++i) news.add(mail({arrival("a"), arrival("b"), arrival("c"), arrival("d"), arrival("e")}));
  EXPECT_EQ(news.count, 151u);
  EXPECT_EQ(news.messages.size(), 100u);
  EXPECT_EQ(Json::parse(json_of({"a", ""}, news))["messages"].size(), 100u);
}

TEST(HookNews, AFirstPassIsOneCountWithoutAList) {
  PassResult result;
  result.is_first = true;
  result.arrivals.begin();
  result.arrivals.add(MailboxPath("INBOX"), {arrival("old")}, std::vector{imap::Uid(1)});
  const auto news = new_mail_of(std::move(result));
  EXPECT_EQ(news.count, 1u);
  EXPECT_TRUE(news.messages.empty());
  EXPECT_TRUE(desktop_note({"a", ""}, news).empty());
}

TEST(HookNews, WhatWasMovedIsNoArrival) {
  PassResult result;
  result.arrivals.begin();
  auto moved = arrival("moved"), other = arrival("new");
  moved.mark = 5;
  other.mark = 6;
  result.arrivals.add(MailboxPath("lists"), {moved, other}, std::vector{imap::Uid(1), imap::Uid(2)});
  result.arrivals.note_gone(5);
  const auto news = new_mail_of(std::move(result));
  EXPECT_EQ(news.count, 1u);
  EXPECT_EQ(news.messages.at(0).subject, "new");
}

TEST(HookNews, ChangesAreSummedUp) {
  PassResult result;
  result.counts.copied_to_remote = 2;
  result.counts.expunged_local = 3;
  result.touched = {"INBOX"};
  auto change = change_of(result);
  change.add(change_of(result));
  const auto json = Json::parse(json_of({"a", ""}, change));
  EXPECT_EQ(json["event"], "change");
  EXPECT_EQ(json["there"]["sent"], 4);
  EXPECT_EQ(json["here"]["removed"], 6);
  EXPECT_EQ(json["mailboxes"], Json({"INBOX"}));
}

TEST(HookNews, AProblemThatHasGoneBeforeItWasToldIsNotTold) {
  ProblemNews news{{left("a"), left("b")}, {}};
  add(news, {{left("c")}, {left("a")}});
  ASSERT_EQ(news.appeared.size(), 2u);
  EXPECT_EQ(news.appeared[0].text, "b");
  EXPECT_TRUE(news.gone.empty());
  const auto json = Json::parse(json_of({"a", ""}, news));
  EXPECT_EQ(json["event"], "problem");
  EXPECT_EQ(json["problems"][0]["text"], "b");
  EXPECT_EQ(json["problems"][0]["gone"], false);
}

TEST(DesktopNote, NothingOfAStrangerIsMarkupControlOrOption) {
  auto one = arrival("<b>&\x1b[31m it's");
  one.from = "--help";
  const auto note = desktop_note({"work", ""}, mail({one}));
  EXPECT_EQ(note.heading, "1 new message (work)");
  EXPECT_EQ(note.text, "--help: &lt;b&gt;&amp;\xef\xbf\xbd[31m it's");
  EXPECT_EQ(notify_send({"-h", "it's"}), "exec notify-send --app-name=postern -- '-h' 'it'\\''s'");
}

TEST(DesktopNote, WhatWasReadElsewhereIsNotShownAndManyAreCounted) {
  EXPECT_TRUE(desktop_note({"a", ""}, mail({arrival("read", {imap::Flag::Seen})})).empty());
  auto many = mail({arrival("1"), arrival("2"), arrival("3"), arrival("4"), arrival("5"), arrival("6"), arrival("7")});
  many.count = 200;
  const auto note = desktop_note({"a", ""}, many);
  EXPECT_EQ(note.heading, "200 new messages (a)");
  EXPECT_TRUE(note.text.ends_with("\nand 195 more")) << note.text;
}
