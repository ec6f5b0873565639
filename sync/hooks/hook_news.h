// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// HookNews: what the commands on-new, on-change and on-problem, and the desktop, are told of passes: of one, or of
// several that have come while the command was still busy with an earlier one. Pure; docs/hooks.md is its document.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "sync/account/problem_news.h"

namespace mirror {

struct NewMail {
  std::uint64_t count = 0;
  bool is_first = false;          // mail that was there before the account was ever synchronised
  std::vector<Arrival> messages;  // the first hundred; none where is_first

  void add(const NewMail& later);
};

struct Change {
  Counts counts;
  std::set<std::string> mailboxes;  // the first hundred

  void add(const Change& later);
};

// Problems that have appeared and gone since are told of in neither.
void add(ProblemNews& news, const ProblemNews& later);

NewMail new_mail_of(PassResult result);
Change change_of(const PassResult& result);

// Whose news it is: the account's name, and what stands before its mailboxes here.
struct HookAccount {
  std::string name, prefix;
};

// One line of ASCII: what is neither that nor printable is escaped.
std::string json_of(const HookAccount& account, const NewMail& news);
std::string json_of(const HookAccount& account, const Change& news);
std::string json_of(const HookAccount& account, const ProblemNews& news);

// What notify-send is to say: a heading and a text, in which <, > and & are escaped; nothing in them is a control
// character. Empty: nothing.
struct DesktopNote {
  std::string heading, text;
  bool empty() const { return heading.empty(); }
};
DesktopNote desktop_note(const HookAccount& account, const NewMail& news);  // of unread messages
DesktopNote desktop_note(const HookAccount& account, const ProblemNews& news);
std::string notify_send(const DesktopNote& note);  // the command

}  // namespace mirror
