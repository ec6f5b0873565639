// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern why MESSAGE-ID, postern why MAILBOX UID: a message's life, from the store's ledger: where it came from, what
// it was paired with, who marked, copied, moved or removed it.
#include <sysexits.h>

#include <charconv>
#include <ctime>

#include <nlohmann/json.hpp>

#include "sync/command/command.h"
#include "sync/command/message_story.h"
#include "sync/command/shown_time.h"

namespace mirror {

namespace {

struct Asked {
  std::string message_id;
  std::optional<MessageStory::Place> place;
};

std::optional<imap::Uid> uid_of(const std::string& text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0) return std::nullopt;
  return imap::Uid(value);
}

void for_each(store::MailStore& mail_store, const std::function<void(const store::LedgerEntry&)>& f) {
  mail_store.for_each_ledger_entry([&f](const store::LedgerEntry& entry) {
    f(entry);
    return true;
  });
}

// Messages of which the ledger does not know the Message-ID: their files came from other programs, or before it.
void find_in_mailboxes(store::MailStore& mail_store, const std::string& message_id, MessageStory& story) {
  imap::SearchKey key;
  key.kind = imap::SearchTerm::Kind::Header;
  key.field = "Message-ID";
  key.text = message_id;
  for (const auto& entry : mail_store.list()) {
    if (!entry.selectable) continue;
    const auto mailbox = mail_store.open_mailbox(entry.name);
    if (!mailbox) continue;
    imap::UidSet all;
    for (const auto uid : (*mailbox)->uids()) all.add(uid);
    const auto id = (*mailbox)->status().mailbox_id;
    for (const auto uid : (*mailbox)->search(key, all)) story.add({id, uid});
  }
}

std::vector<MessageStory::Event> tell(store::MailStore& mail_store, const Asked& asked, bool& known) {
  MessageStory story;
  if (asked.place) story.add(*asked.place);
  for (bool again = true; again;) {
    again = false;
    for_each(mail_store, [&](const auto& entry) { again = story.grow(entry, asked.message_id) || again; });
    if (again || !story.empty()) continue;
    find_in_mailboxes(mail_store, asked.message_id, story);
    again = !story.empty();
  }
  known = !story.empty();
  std::vector<MessageStory::Event> out;
  for_each(mail_store, [&](const auto& entry) {
    for (auto& event : story.events(entry)) out.push_back(std::move(event));
  });
  return out;
}

void say(const std::vector<MessageStory::Event>& events, bool json, CommandOutput& output) {
  if (json) {
    auto all = nlohmann::ordered_json::array();
    for (const auto& one : events)
      all.push_back({{"when", one.when}, {"place", one.place}, {"what", one.what}, {"by", one.by}});
    output.say(all.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    return;
  }
  for (const auto& one : events)
    output.say(shown_time(one.when, "%Y-%m-%d %H:%M:%S") + "  " + one.place + "  " + one.what + "  [" + one.by + "]");
}

}  // namespace

asio::awaitable<int> why_command(Account& account, const std::vector<std::string>& given, CommandOutput& output) {
  auto words = given;
  const bool json = std::erase(words, "--json") > 0;
  if (account.mail_store() == nullptr) {
    output.complain("between two servers no ledger is kept");
    co_return EX_UNAVAILABLE;
  }
  const auto uid = words.size() == 2 ? uid_of(words[1]) : std::nullopt;
  if ((words.size() != 1 || bare_message_id(words[0]).empty()) && !uid) {
    output.complain("why wants a Message-ID, or a mailbox and a UID: postern why INBOX 14");
    co_return EX_USAGE;
  }
  auto& mail_store = *account.mail_store();
  Asked asked;
  if (uid) {
    const auto mailbox = co_await account.workers().run(
        [&] { return mail_store.open_mailbox(imap::MailboxName(words[0], mail_store.delimiter())); });
    if (!mailbox) {
      output.complain(mailbox.error().text + "; of a mailbox that is gone ask by Message-ID");
      co_return 1;
    }
    asked.place = MessageStory::Place((*mailbox)->status().mailbox_id, *uid);
  } else {
    asked.message_id = bare_message_id(words[0]);
  }
  bool known = false;
  const auto events = co_await account.workers().run([&] { return tell(mail_store, asked, known); });
  if (events.empty()) {
    output.complain(known && !uid ? "the message is here, and nothing is noted of it: it came before the ledger began"
                                  : "nothing is noted of that message");
    co_return 1;
  }
  say(events, json, output);
  co_return 0;
}

}  // namespace mirror
