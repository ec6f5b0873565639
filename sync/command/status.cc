// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern status: what the last pass did that did something, failed or worked again, and what it left.
#include <cstdlib>
#include <ctime>

#include "proto/base/lines.h"
#include "sync/command/command.h"

namespace mirror {

asio::awaitable<int> status_command(Account& account, CommandOutput& output) {
  auto& journal = account.journal();
  const auto note = co_await account.workers().run([&] { return journal.note("last"); });
  const auto records = co_await account.workers().run([&] { return journal.mailboxes(); });
  const auto& name = account.config().database;
  if (note.empty()) {
    output.say(name + ": no pass yet");
    co_return 0;
  }
  const std::time_t when = std::strtoll(note.c_str(), nullptr, 10);
  char time[64] = "";
  if (const auto* local = std::localtime(&when)) std::strftime(time, sizeof time, "%Y-%m-%d %H:%M:%S", local);
  output.say(name + ": last news " + time);
  std::string_view rest = note;
  (void)base::take_line(rest);  // the time
  while (const auto line = base::take_line(rest)) output.say(std::string(*line));
  std::uint64_t messages = 0;
  for (const auto& record : records) messages += record.local.messages;
  output.say(std::to_string(records.size()) + " mailboxes, " + std::to_string(messages) + " messages");
  co_return 0;
}

}  // namespace mirror
