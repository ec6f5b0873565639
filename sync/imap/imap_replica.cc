// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/imap/imap_replica.h"

#include <algorithm>
#include <deque>
#include <map>

#include "sync/imap/imap_mailbox.h"

namespace mirror {

namespace {

constexpr std::size_t kMostConnections = 5;  // Dovecot allows a user ten from one address
constexpr std::size_t kStatusInFlight = 64;  // commands and answers must fit into the socket's buffers

bool has_attribute(const imap::ListResponse& listed, std::string_view name) {
  return std::ranges::any_of(listed.attributes, [&](const auto& one) { return imap::equal_ignoring_case(one, name); });
}

imap::StatusItems wanted_items(const Client& client) {
  imap::StatusItems out;
  out.messages = out.uid_next = out.uid_validity = true;
  out.highest_modseq = client.can("CONDSTORE") || client.can("QRESYNC");
  return out;
}

SideState state_of(const imap::MailboxStatusResponse& status) {
  return {status.uid_validity.value_or(imap::UidValidity()), status.uid_next.value_or(imap::Uid()),
          status.highest_modseq.value_or(imap::ModSeq()), static_cast<std::uint32_t>(status.messages.value_or(0))};
}

// What LIST, LSUB and STATUS have told, by the server's own name.
struct Listed {
  std::map<std::string, imap::ListResponse> mailboxes;
  std::map<std::string, bool> subscribed;
  std::map<std::string, SideState> states;
  std::optional<char> delimiter;

  void take(imap::Response& response) {
    if (auto* list = std::get_if<imap::ListResponse>(&response)) {
      if (list->delimiter) delimiter = list->delimiter;
      auto name = list->name.is_inbox() ? std::string("INBOX") : list->wire_name;
      if (list->lsub || has_attribute(*list, "\\Subscribed")) subscribed[name] = true;
      if (!list->lsub) mailboxes.insert_or_assign(std::move(name), std::move(*list));
    } else if (const auto* status = std::get_if<imap::MailboxStatusResponse>(&response)) {
      states[status->mailbox.is_inbox() ? std::string("INBOX") : status->wire_name] = state_of(*status);
    }
  }
};

class ImapReplica final : public Replica {
 public:
  ImapReplica(const ServerConfig& config, std::vector<std::string> patterns, Traffic* traffic, base::Log log,
              EarlyCompression* early)
      : config_(config),
        patterns_(std::move(patterns)),
        pool_(std::make_shared<ImapPool>(config, kMostConnections, traffic, log, early)),
        log_(std::move(log)),
        description_(config.shown()) {}

  asio::awaitable<std::vector<ReplicaEntry>> list() override {
    auto lease = co_await pool_->take(Effort::Little);
    auto& client = lease.client();
    Listed listed;
    // STATUS of a mailbox that is selected tells what that session has seen of it (Dovecot), not what is there.
    std::optional<Client::Ticket> leaving;
    if (lease.selected()) {
      imap::Command leave = imap::NoopCommand{};
      if (client.can("UNSELECT")) {
        leave = imap::UnselectCommand{};
        lease.set_selected(false);
      }
      leaving = co_await client.begin(leave);
    }
    if (client.can("LIST-EXTENDED") && client.can("LIST-STATUS"))
      co_await list_in_one(client, listed);
    else
      co_await list_in_steps(client, listed);
    if (leaving) co_await client.end(*leaving);
    delimiter_ = listed.delimiter;
    co_return entries(listed);
  }

  asio::awaitable<base::Result<std::unique_ptr<ReplicaMailbox>>> open(MailboxPath path, Effort effort) override {
    const auto name = name_of(path);
    if (!name) co_return std::unexpected(name.error());
    auto lease = co_await pool_->take(effort);
    co_return make_imap_mailbox(std::move(lease), *name);
  }

  asio::awaitable<base::Result<void>> create(MailboxPath path, std::vector<std::string> special_use) override {
    const auto name = name_of(path);
    if (!name) co_return std::unexpected(name.error());
    const auto lease = co_await pool_->take(Effort::Little);
    imap::CreateCommand command;
    command.mailbox = *name;
    if (lease.client().can("CREATE-SPECIAL-USE")) command.special_use = std::move(special_use);
    const auto answer = co_await lease.client().execute(command);
    if (answer.is_ok()) co_return base::Result<void>();
    auto refusal = refusal_of(answer);
    if (refusal.reason == base::Reason::AlreadyExists) co_return base::Result<void>();
    co_return std::unexpected(std::move(refusal));
  }

  asio::awaitable<base::Result<void>> set_subscribed(MailboxPath path, bool subscribed) override {
    const auto name = name_of(path);
    if (!name) co_return std::unexpected(name.error());
    const auto lease = co_await pool_->take(Effort::Little);
    imap::Command command = imap::UnsubscribeCommand{*name};
    if (subscribed) command = imap::SubscribeCommand{*name};
    const auto answer = co_await lease.client().execute(command);
    if (!answer.is_ok()) co_return std::unexpected(refusal_of(answer));
    co_return base::Result<void>();
  }

  // On a fast link the first connection, which is compressed, is left to small things.
  std::size_t parallel() const override {
    return is_fast_link(config_) && pool_->most() > 1 ? pool_->most() - 1 : pool_->most();
  }
  asio::awaitable<void> finish() override { co_await pool_->log_out(); }
  void close() override { pool_->close(); }
  const std::string& description() const override { return description_; }

 private:
  base::Result<imap::MailboxName> name_of(const MailboxPath& path) const {
    if (auto name = path.to_name(delimiter_, config_.list_reference)) return *name;
    return base::refuse(base::Reason::InvalidName, description_ + " cannot have a mailbox of this name");
  }

  imap::ListCommand list_command() const {
    imap::ListCommand out;
    out.patterns = patterns_.empty() ? std::vector<std::string>{"*"} : patterns_;
    if (!config_.list_reference.empty())
      for (auto& pattern : out.patterns) pattern.insert(0, config_.list_reference);
    return out;
  }

  asio::awaitable<void> list_in_one(Client& client, Listed& listed) {
    auto command = list_command();
    command.extended = true;
    command.returns = imap::ListReturn{};
    command.returns->subscribed = true;
    command.returns->special_use = client.can("SPECIAL-USE");
    command.returns->status = wanted_items(client);
    const auto answer = co_await client.execute(command, [&](imap::Response& response) { listed.take(response); });
    if (!answer.is_ok()) throw Failure(base::Reason::Failed, description_ + " lists no mailboxes: " + answer.text);
  }

  asio::awaitable<void> list_in_steps(Client& client, Listed& listed) {
    const Client::Sink sink = [&](imap::Response& response) { listed.take(response); };
    auto command = list_command();
    std::vector<Client::Ticket> tickets;
    for (const auto& pattern : command.patterns) {
      imap::ListCommand one;
      one.patterns = {pattern};
      tickets.push_back(co_await client.begin(one, sink));
      tickets.push_back(co_await client.begin(imap::LsubCommand{"", pattern}, sink));
    }
    for (const auto ticket : std::exchange(tickets, {})) {
      const auto answer = co_await client.end(ticket);
      if (!answer.is_ok()) throw Failure(base::Reason::Failed, description_ + " lists no mailboxes: " + answer.text);
    }
    std::deque<Client::Ticket> asked;
    for (const auto& [name, mailbox] : listed.mailboxes) {
      if (has_attribute(mailbox, "\\Noselect") || has_attribute(mailbox, "\\NonExistent")) continue;
      asked.push_back(co_await client.begin(imap::StatusCommand{mailbox.name, wanted_items(client)}, sink));
      if (asked.size() < kStatusInFlight) continue;
      co_await client.end(asked.front());
      asked.pop_front();
    }
    for (const auto ticket : asked) co_await client.end(ticket);
  }

  std::vector<ReplicaEntry> entries(const Listed& listed) const {
    std::vector<ReplicaEntry> out;
    for (const auto& [name, mailbox] : listed.mailboxes) {
      const auto path = MailboxPath::from_name(mailbox.name, mailbox.delimiter, config_.list_reference);
      if (!path) continue;
      if (!mailbox.name.is_inbox() && mailbox.name.modified_utf7() != mailbox.wire_name) {
        log_.warning("a mailbox name that is no modified UTF-7 is left out",
                     {{"server", description_}, {"name", name}});
        continue;
      }
      ReplicaEntry entry;
      entry.path = *path;
      entry.exists = !has_attribute(mailbox, "\\Noselect") && !has_attribute(mailbox, "\\NonExistent");
      entry.subscribed = listed.subscribed.contains(name);
      for (const auto& attribute : mailbox.attributes)
        for (const std::string_view use :
             {"\\All", "\\Archive", "\\Drafts", "\\Flagged", "\\Junk", "\\Sent", "\\Trash"})
          if (imap::equal_ignoring_case(attribute, use)) entry.special_use.emplace_back(use);
      if (const auto at = listed.states.find(name); at != listed.states.end()) entry.state = at->second;
      out.push_back(std::move(entry));
    }
    return out;
  }

  const ServerConfig& config_;
  std::vector<std::string> patterns_;
  std::shared_ptr<ImapPool> pool_;
  base::Log log_;
  std::string description_;
  std::optional<char> delimiter_;
};

}  // namespace

std::unique_ptr<Replica> make_imap_replica(const ServerConfig& config, std::vector<std::string> patterns,
                                           Traffic* traffic, base::Log log, EarlyCompression* early) {
  return std::make_unique<ImapReplica>(config, std::move(patterns), traffic, std::move(log), early);
}

asio::awaitable<std::vector<std::string>> examine_server(const ServerConfig& config, base::Log log) {
  auto made = co_await connect(config, {.log = std::move(log)});
  auto& client = *made.client;
  const auto enabling = co_await begin_qresync(made);
  if (enabling) co_await client.end(*enabling);
  std::vector<std::string> out;
  out.push_back(made.qresync ? "tier: QRESYNC (changes since the last pass, expunges among them)"
                : client.can("CONDSTORE")
                    ? "tier: CONDSTORE (unchanged mailboxes cost nothing; a changed one is listed whole)"
                    : "tier: plain IMAP (each mailbox is listed whole in each pass)");
  const auto tell = [&](std::string_view name, std::string_view without) {
    out.push_back(std::string(name) + (client.can(name) ? ": yes" : ": no, so " + std::string(without)));
  };
  if (client.can("QRESYNC") && !made.qresync) out.push_back("QRESYNC: announced, but not granted when asked for");
  tell("LIST-STATUS", "asking where mailboxes stand takes a command for each");
  tell("UIDPLUS", "single messages cannot be expunged there, and what is appended must be looked for");
  tell("MULTIAPPEND", "messages are sent one by one");
  tell("LITERAL+", "each message sent waits for a go-ahead");
  tell("COMPRESS=DEFLATE", "nothing is compressed");
  tell("IDLE", "changes there are seen at intervals only");
  tell("SPECIAL-USE", "the use of mailboxes (sent, drafts) is not known");
  co_await made.client->log_out();
  co_return out;
}

}  // namespace mirror
