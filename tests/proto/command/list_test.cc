// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/command_text.h"

namespace {

using namespace imap;
using tests::expect_both_ways;
using tests::expect_malformed;

ListCommand plain(std::string reference, std::string pattern) {
  return {{}, std::move(reference), {std::move(pattern)}, std::nullopt, false};
}

TEST(List, both_ways) {
  expect_both_ways("LIST \"\" \"*\"", plain("", "*"));
  expect_both_ways("LIST \"\" *", plain("", "*"), "LIST \"\" \"*\"");
  expect_both_ways("LIST #news. comp.mail.%", plain("#news.", "comp.mail.%"), "LIST \"#news.\" \"comp.mail.%\"");
  expect_both_ways("LIST \"\" \"\"", plain("", ""));
  expect_both_ways("LIST &AOQ- \"&AOQ-*&-%\"", plain("\xc3\xa4", "\xc3\xa4*&%"), "LIST \"&AOQ-\" \"&AOQ-*&-%\"");
  expect_both_ways("LIST \"\" {3+}\r\na b", plain("", "a b"), "LIST \"\" \"a b\"");
  expect_both_ways("LIST {0+}\r\n a]*", plain("", "a]*"), "LIST \"\" \"a]*\"");
}

TEST(List, what_is_not_modified_utf7_is_kept) {
  expect_both_ways("LIST \"\" \"a&b\"", plain("", "a&b"), "LIST \"\" \"a&-b\"");
  expect_both_ways("LIST \"\" \"\xc3\xa4*\"", plain("", "\xc3\xa4*"), "LIST \"\" \"&AOQ-*\"");
  expect_both_ways("LIST \"\" {6+}\r\n\xff&AOQ-", plain("", "\xff&AOQ-"));
}

TEST(List, selection) {
  ListCommand list = plain("", "*");
  list.extended = true;
  expect_both_ways("LIST () \"\" \"*\"", list);
  list.select.subscribed = true;
  expect_both_ways("LIST (SUBSCRIBED) \"\" \"*\"", list);
  list.select.recursive_match = list.select.remote = true;
  expect_both_ways("LIST (recursivematch SUBSCRIBED remote) \"\" \"*\"", list,
                   "LIST (SUBSCRIBED REMOTE RECURSIVEMATCH) \"\" \"*\"");
  list.select = {.special_use = true};
  list.patterns = {"INBOX", "Drafts", "a/%"};
  expect_both_ways("LIST (SPECIAL-USE) \"\" (\"INBOX\" \"Drafts\" \"a/%\")", list);
  list.select = {};
  expect_both_ways("LIST \"\" (INBOX Drafts a/%)", list, "LIST \"\" (\"INBOX\" \"Drafts\" \"a/%\")");
  list.patterns = {"a"};
  expect_both_ways("LIST \"\" (a)", list, "LIST () \"\" \"a\"");
}

TEST(List, returns) {
  ListCommand list = plain("", "%");
  list.extended = true;
  list.returns.emplace();
  expect_both_ways("LIST \"\" \"%\" RETURN ()", list);
  list.returns->children = list.returns->subscribed = true;
  expect_both_ways("LIST \"\" \"%\" RETURN (SUBSCRIBED CHILDREN)", list);
  list.returns->special_use = true;
  list.returns->status = StatusItems{.messages = true, .unseen = true};
  expect_both_ways("LIST \"\" \"%\" return (STATUS (MESSAGES UNSEEN) children SPECIAL-USE SUBSCRIBED)", list,
                   "LIST \"\" \"%\" RETURN (SUBSCRIBED CHILDREN SPECIAL-USE STATUS (MESSAGES UNSEEN))");
  list.returns = ListReturn{.status = StatusItems{.highest_modseq = true}};
  list.select.subscribed = true;
  expect_both_ways("LIST (SUBSCRIBED) \"\" \"%\" RETURN (STATUS (HIGHESTMODSEQ))", list);
}

TEST(List, malformed) {
  expect_malformed({"LIST", "LIST \"\"", "LIST \"\" ", "LIST * \"\"", "LIST \"\" ()", "LIST \"\" * x",
                    "LIST \"\" * RETURN", "LIST \"\" * RETURN STATUS", "LIST \"\" * RETURN (STATUS)",
                    "LIST \"\" * RETURN (STATUS ())", "LIST \"\" * RETURN (X)", "LIST (X) \"\" *",
                    "LIST (RECURSIVEMATCH) \"\" *", "LIST (RECURSIVEMATCH REMOTE) \"\" *", "LIST (SUBSCRIBED)\"\" *",
                    "LIST (SUBSCRIBED \"\" *", "LIST \"\" * RETURN (CHILDREN) x"});
}

TEST(Lsub, both_ways) {
  expect_both_ways("LSUB \"\" \"*\"", LsubCommand{"", "*"});
  expect_both_ways("lsub \"#news.\" comp.&AOQ-.%", LsubCommand{"#news.", "comp.\xc3\xa4.%"},
                   "LSUB \"#news.\" \"comp.&AOQ-.%\"");
  expect_malformed({"LSUB", "LSUB \"\"", "LSUB \"\" ()", "LSUB () \"\" *", "LSUB \"\" * RETURN ()"});
}

}  // namespace
