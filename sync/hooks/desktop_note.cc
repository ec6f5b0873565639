// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What notify-send says. Its text may be read as markup, its words as options, and by a shell before that: strangers
// write subjects.
#include <algorithm>

#include "proto/base/printable.h"
#include "sync/hooks/hook_news.h"

namespace mirror {

namespace {

constexpr std::size_t kLines = 5, kCharacters = 100;

std::string harmless(const std::string& text) {
  std::string out;
  for (const char c : base::shortened(base::printable(text), kCharacters)) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c;
  }
  return out;
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// So many lines, and how many there are besides.
void add_line(std::string& text, std::size_t number, const std::string& line) {
  if (number < kLines) text += (number == 0 ? "" : "\n") + line;
}

std::string and_others(std::uint64_t all) {
  return all > kLines ? "\nand " + std::to_string(all - kLines) + " more" : std::string();
}

}  // namespace

DesktopNote desktop_note(const HookAccount& account, const NewMail& news) {
  if (news.is_first) return {};
  DesktopNote out;
  std::size_t unread = 0;
  for (const auto& one : news.messages) {
    if (one.flags.has(imap::Flag::Seen) || one.flags.has(imap::Flag::Draft)) continue;
    add_line(out.text, unread++, harmless(one.from) + ": " + harmless(one.subject));
  }
  if (unread == 0) return {};
  const auto all = unread + (news.count - std::min<std::uint64_t>(news.count, news.messages.size()));
  out.text += and_others(all);
  out.heading =
      base::printable(std::to_string(all) + (all == 1 ? " new message (" : " new messages (") + account.name + ")");
  return out;
}

DesktopNote desktop_note(const HookAccount& account, const ProblemNews& news) {
  if (news.appeared.empty()) return {};
  DesktopNote out;
  out.heading = base::printable("Postern has a problem (" + account.name + ")");
  std::size_t number = 0;
  for (const auto& one : news.appeared) add_line(out.text, number++, harmless(one.text));
  out.text += and_others(number);
  return out;
}

std::string notify_send(const DesktopNote& note) {
  return "exec notify-send --app-name=postern -- " + quoted(note.heading) + ' ' + quoted(note.text);
}

}  // namespace mirror
