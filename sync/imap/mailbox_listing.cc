// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/imap/mailbox_listing.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "sync/imap/server_names.h"

namespace mirror {

namespace {

constexpr std::size_t kStatusInFlight = 64;  // commands and answers must fit into the socket's buffers
constexpr std::size_t kMostMailboxes = 100'000;
constexpr std::size_t kPatternOctets = 1600;  // in one command: some servers take lines of 2,000 octets

imap::StatusItems wanted_items(const Client& client) {
  imap::StatusItems out;
  out.messages = out.uid_next = out.uid_validity = true;
  out.highest_modseq = client.can("CONDSTORE") || client.can("QRESYNC");
  // The one flag whose changes are told in a second way. With QRESYNC each change has a MODSEQ (RFC 7162).
  out.unseen = !client.can("QRESYNC");
  return out;
}

SideState to_state(const imap::MailboxStatusResponse& status) {
  return {*status.uid_validity, status.uid_next.value_or(imap::Uid()), status.highest_modseq.value_or(imap::ModSeq()),
          static_cast<std::uint32_t>(*status.messages)};
}

// Servers spell INBOX, and what is below it, in one way in LIST and in another in STATUS.
std::string key_of(std::string_view wire_name, std::optional<char> delimiter) {
  return imap::MailboxName(wire_name, delimiter.value_or('\0')).utf8();
}

class Taker {
 public:
  Taker(Client& client, ListedMailboxes& listed) : client_(client), listed_(listed) {}

  void operator()(imap::Response& response) {
    if (auto* list = std::get_if<imap::ListResponse>(&response)) {
      if (list->delimiter) listed_.delimiter = list->delimiter;
      auto key = key_of(list->wire_name, list->delimiter);
      const bool subscribed = list->lsub || std::ranges::any_of(list->attributes, [](const auto& one) {
                                return imap::equal_ignoring_case(one, "\\Subscribed");
                              });
      if (subscribed) listed_.subscribed.insert(key);
      if (!list->lsub) add(std::move(key), std::move(*list));
    } else if (const auto* status = std::get_if<imap::MailboxStatusResponse>(&response)) {
      const auto key = key_of(status->wire_name, listed_.delimiter);
      // Without both nothing is known: it is opened.
      if (status->uid_validity && status->messages) listed_.states[key] = to_state(*status);
      if (status->unseen) listed_.unseen[key] = *status->unseen;
    }
    if (std::max({listed_.mailboxes.size(), listed_.subscribed.size(), listed_.states.size(), listed_.doubles.size()}) >
        kMostMailboxes)
      throw Failure(base::Reason::Limit,
                    client_.server() + " lists more than " + std::to_string(kMostMailboxes) + " mailboxes");
  }

 private:
  void add(std::string key, imap::ListResponse mailbox) {
    const auto [at, added] = listed_.mailboxes.try_emplace(key, mailbox);
    if (added) return;
    if (key == "INBOX" || at->second.wire_name == mailbox.wire_name)
      at->second = std::move(mailbox);
    else
      listed_.doubles.push_back(std::move(mailbox));
  }

  Client& client_;
  ListedMailboxes& listed_;
};

void require_ok(const Client& client, const imap::StatusResponse& answer) {
  if (!answer.is_ok()) throw Failure(base::Reason::Failed, client.server() + " lists no mailboxes: " + answer.text);
}

// In lines that servers take.
std::vector<std::vector<std::string>> short_lists(std::vector<std::string> patterns) {
  std::vector<std::vector<std::string>> out(1);
  std::size_t octets = 0;
  for (auto& pattern : patterns) {
    octets += 2 * pattern.size() + 3;  // in modified UTF-7 it may be longer
    if (octets > kPatternOctets && !out.back().empty()) {
      out.emplace_back();
      octets = 2 * pattern.size() + 3;
    }
    out.back().push_back(std::move(pattern));
  }
  return out;
}

// One that has LIST-EXTENDED: names and subscriptions, and where each stands too where it has LIST-STATUS.
asio::awaitable<void> list_in_one(Client& client, std::vector<std::string> patterns, ListedMailboxes& listed) {
  imap::ListCommand command;
  command.patterns = std::move(patterns);
  command.extended = true;
  command.returns = imap::ListReturn{};
  command.returns->subscribed = true;
  command.returns->special_use = client.can("SPECIAL-USE");
  if (client.can("LIST-STATUS")) command.returns->status = wanted_items(client);
  const auto answer = co_await client.execute(command, Taker(client, listed));
  require_ok(client, answer);
}

asio::awaitable<void> list_with_lsub(Client& client, std::vector<std::string> patterns, ListedMailboxes& listed) {
  const Client::Sink sink = Taker(client, listed);
  std::vector<Client::Ticket> tickets;
  for (const auto& pattern : patterns) {
    imap::ListCommand one;
    one.patterns = {pattern};
    tickets.push_back(co_await client.begin(one, sink));
    tickets.push_back(co_await client.begin(imap::LsubCommand{"", pattern}, sink));
  }
  for (const auto ticket : tickets) {
    const auto answer = co_await client.end(ticket);
    require_ok(client, answer);
  }
}

asio::awaitable<void> ask_where_each_stands(Client& client, ListedMailboxes& listed) {
  const Client::Sink sink = Taker(client, listed);
  std::deque<Client::Ticket> asked;
  for (const auto& [key, mailbox] : listed.mailboxes) {
    if (!is_selectable(mailbox)) continue;
    const auto name = imap::MailboxName::from_wire(mailbox.wire_name, mailbox.delimiter.value_or('\0'));
    asked.push_back(co_await client.begin(imap::StatusCommand{name, wanted_items(client)}, sink));
    if (asked.size() < kStatusInFlight) continue;
    co_await client.end(asked.front());
    asked.pop_front();
  }
  for (const auto ticket : asked) co_await client.end(ticket);
}

}  // namespace

std::optional<SideState> ListedMailboxes::state_of(const std::string& name) const {
  const auto at = states.find(name);
  return at == states.end() ? std::nullopt : std::optional(at->second);
}

asio::awaitable<void> list_mailboxes(Client& client, std::vector<std::string> patterns, ListedMailboxes& listed) {
  const auto skipped = client.skipped().lists;
  const bool extended = client.can("LIST-EXTENDED");
  if (extended)
    for (auto& some : short_lists(std::move(patterns))) co_await list_in_one(client, std::move(some), listed);
  else
    co_await list_with_lsub(client, std::move(patterns), listed);
  if (!extended || !client.can("LIST-STATUS")) co_await ask_where_each_stands(client, listed);
  if (client.skipped().lists != skipped) listed.all_understood = false;
}

asio::awaitable<bool> has_inbox(Client& client) {
  imap::ListCommand command;
  command.patterns = {"INBOX"};
  bool out = false;
  co_await client.execute(command, [&](imap::Response& response) {
    const auto* listed = std::get_if<imap::ListResponse>(&response);
    if (listed && listed->name.is_inbox() && is_selectable(*listed)) out = true;
  });
  co_return out;
}

}  // namespace mirror
