// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/imap/imap_replica.h"

#include <algorithm>
#include <map>

#include "proto/special_use.h"
#include "sync/imap/imap_mailbox.h"
#include "sync/imap/imap_refusal.h"
#include "sync/imap/mailbox_listing.h"
#include "sync/imap/server_names.h"

namespace mirror {

namespace {

constexpr std::size_t kMostConnections = 5;  // Dovecot allows a user ten from one address

class ImapReplica final : public Replica {
 public:
  ImapReplica(const ServerConfig& config, ImapReplicaUse use)
      : config_(config),
        patterns_(std::move(use.patterns)),
        pool_(std::make_shared<ImapPool>(config, kMostConnections,
                                         ConnectionUse{.traffic = use.traffic,
                                                       .log = use.log,
                                                       .early = use.early,
                                                       .given = use.given,
                                                       .spool = std::move(use.spool),
                                                       .workers = use.workers,
                                                       .introduces = false,
                                                       .trace = std::move(use.trace)})),
        log_(std::move(use.log)),
        description_(config.shown()),
        names_(description_, config.list_reference, std::move(use.known)) {}

  asio::awaitable<std::vector<ReplicaEntry>> list() override {
    auto lease = co_await pool_->take(Effort::Little);
    auto& client = lease.client();
    if (!client.can("LIST-STATUS")) co_await introduce(lease.connected());  // each mailbox is asked for
    // STATUS of a mailbox that is selected tells what that session has seen of it (Dovecot), not what is there. And
    // what has rested may be dead: this is answered at once, as LIST with STATUS is not everywhere.
    std::optional<Client::Ticket> leaving;
    const bool rested = lease.has_rested();
    if (rested) client.doubt();
    if (lease.selected() || rested) {
      imap::Command leave = imap::NoopCommand{};
      if (lease.selected() && client.can("UNSELECT")) {
        leave = imap::UnselectCommand{};
        lease.set_selected(false);
      }
      leaving = co_await client.begin(leave);
    }
    const bool had_namespace = has_namespace_;
    auto listed = co_await list_with_namespace(client);
    // A listing without INBOX is not believed: it is asked for once more where the server says that there is one.
    if (patterns_.empty() && config_.list_reference.empty() && !listed.has_inbox()) {
      const bool there = co_await has_inbox(client);
      if (there) co_await list_mailboxes(client, with_inbox(patterns()), listed);
    }
    if (leaving) co_await client.end(*leaving);
    if (has_namespace_ && !had_namespace) names_.remember_said(listed.mailboxes);
    co_return entries(listed);
  }

  std::vector<LeftOut> left_out() const override { return names_.left_out(); }

  asio::awaitable<base::Result<std::unique_ptr<ReplicaMailbox>>> open(MailboxPath path, Effort effort) override {
    const auto name = names_.name_of(path);
    if (!name) co_return std::unexpected(name.error());
    auto lease = co_await pool_->take(effort);
    co_await introduce(lease.connected());
    if (lease.has_rested()) {
      lease.client().doubt();
      co_await lease.client().execute(imap::NoopCommand{});
    }
    co_return make_imap_mailbox(std::move(lease), *name,
                                [this](const MailboxPath& other) { return names_.name_of(other); });
  }

  asio::awaitable<base::Result<void>> create(MailboxPath path, std::vector<std::string> special_use) override {
    const auto name = names_.name_of(path);
    if (!name) co_return std::unexpected(name.error());
    const auto lease = co_await take();
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
    const auto name = names_.name_of(path);
    if (!name) co_return std::unexpected(name.error());
    const auto lease = co_await take();
    imap::Command command = imap::UnsubscribeCommand{*name};
    if (subscribed) command = imap::SubscribeCommand{*name};
    const auto answer = co_await lease.client().execute(command);
    if (!answer.is_ok()) co_return std::unexpected(refusal_of(answer));
    co_return base::Result<void>();
  }

  asio::awaitable<base::Result<void>> remove(MailboxPath path) override {
    const auto name = names_.name_of(path);
    if (!name) co_return std::unexpected(name.error());
    const auto lease = co_await take();
    const auto answer = co_await lease.client().execute(imap::DeleteCommand{*name});
    if (!answer.is_ok()) co_return std::unexpected(refusal_of(answer));
    co_await lease.client().execute(imap::UnsubscribeCommand{*name});
    co_return base::Result<void>();
  }

  asio::awaitable<base::Result<void>> rename(MailboxPath from, MailboxPath to) override {
    const auto old_name = names_.name_of(from), new_name = names_.name_of(to);
    if (!old_name) co_return std::unexpected(old_name.error());
    if (!new_name) co_return std::unexpected(new_name.error());
    const auto lease = co_await take();
    const auto answer = co_await lease.client().execute(imap::RenameCommand{*old_name, *new_name});
    if (!answer.is_ok()) co_return std::unexpected(refusal_of(answer));
    co_return base::Result<void>();
  }

  // On a fast link the first connection, which is compressed, is left to small things.
  std::size_t parallel() const override {
    const bool apart = is_fast_link(config_) && !compresses(config_, Purpose::Bulk);
    return apart && pool_->most() > 1 ? pool_->most() - 1 : pool_->most();
  }
  asio::awaitable<void> finish() override { co_await pool_->log_out(); }
  void close() override { pool_->close(); }
  bool is_connecting() const override { return pool_->is_connecting(); }
  void doubt_connections() override { pool_->doubt(); }
  const std::string& description() const override { return description_; }

 private:
  using Asked = std::optional<Client::Ticket>;

  asio::awaitable<ImapPool::Lease> take() {
    auto lease = co_await pool_->take(Effort::Little);
    co_await introduce(lease.connected());
    co_return lease;
  }

  // Where it was told of before, it is asked for only where the mailboxes are others.
  asio::awaitable<ListedMailboxes> list_with_namespace(Client& client) {
    const auto wanted = patterns();
    const bool told_before = !has_namespace_ && names_.has_been_told_before();
    auto asked = told_before ? Asked() : co_await begin_namespace(client);
    if (asked && !patterns_.empty() && names_.prefix().empty()) co_await end_namespace(client, asked);
    ListedMailboxes out;
    co_await list_mailboxes(client, patterns(), out);
    if (told_before) {
      has_namespace_ = names_.take_as_before(out.mailboxes);
      asked = co_await begin_namespace(client);
    }
    if (asked) co_await end_namespace(client, asked);
    if (!told_before || patterns() == wanted) co_return out;
    out = {};
    co_await list_mailboxes(client, patterns(), out);
    co_return out;
  }

  asio::awaitable<Asked> begin_namespace(Client& client) {
    if (has_namespace_ || !client.can("NAMESPACE")) co_return std::nullopt;
    co_return co_await client.begin(imap::NamespaceCommand{}, [this](imap::Response& response) {
      const auto* said = std::get_if<imap::NamespaceResponse>(&response);
      if (said == nullptr) return;
      has_namespace_ = true;
      names_.take(*said);
    });
  }

  static asio::awaitable<void> end_namespace(Client& client, Asked& asked) {
    co_await client.end(*asked);
    asked.reset();
  }

  // In the server's words. What lies beside the prefix (shared mailboxes) is asked for too, and INBOX.
  std::vector<std::string> patterns() const {
    const auto wanted = patterns_.empty() ? std::vector<std::string>{"*"} : patterns_;
    if (names_.prefix().empty()) return wanted;
    std::vector<std::string> out;
    for (const auto& pattern : wanted) out.push_back(names_.prefix() + pattern);
    if (config_.list_reference.empty()) out.insert(out.end(), wanted.begin(), wanted.end());
    return with_inbox(std::move(out));
  }

  static std::vector<std::string> with_inbox(std::vector<std::string> patterns) {
    patterns.emplace_back("INBOX");
    return patterns;
  }

  std::vector<ReplicaEntry> entries(const ListedMailboxes& listed) {
    std::vector<ReplicaEntry> out;
    names_.begin(listed.mailboxes, listed.delimiter);
    std::multimap<int, const std::pair<const std::string, imap::ListResponse>*> ranked;
    for (const auto& one : listed.mailboxes) ranked.emplace(names_.rank(one.second), &one);
    for (const auto& [rank, one] : ranked) add(listed, one->first, one->second, out);
    for (const auto& one : listed.doubles) names_.add(one);
    if (!listed.all_understood)
      names_.leave_out({}, description_ +
                               " sent a line of its list of mailboxes that is not understood; a mailbox may "
                               "be left out");
    for (const auto& one : names_.left_out())
      log_.warning("a mailbox is left out", {{"mailbox", one.path.shown()}, {"why", one.why}});
    return out;
  }

  void add(const ListedMailboxes& listed, const std::string& key, const imap::ListResponse& mailbox,
           std::vector<ReplicaEntry>& out) {
    const auto path = names_.add(mailbox);
    if (!path) return;
    ReplicaEntry entry;
    entry.path = *path;
    entry.exists = is_selectable(mailbox);
    entry.subscribed = listed.subscribed.contains(key);
    for (const auto& attribute : mailbox.attributes)
      for (const auto use : imap::kSpecialUses)
        if (imap::equal_ignoring_case(attribute, use)) entry.special_use.emplace_back(use);
    entry.state = listed.state_of(key);
    if (const auto at = listed.unseen.find(key); at != listed.unseen.end()) entry.unseen = at->second;
    out.push_back(std::move(entry));
  }

  const ServerConfig& config_;
  std::vector<std::string> patterns_;
  bool has_namespace_ = false;
  std::shared_ptr<ImapPool> pool_;
  base::Log log_;
  std::string description_;
  ServerNames names_;
};

}  // namespace

std::unique_ptr<Replica> make_imap_replica(const ServerConfig& config, ImapReplicaUse use) {
  return std::make_unique<ImapReplica>(config, std::move(use));
}

namespace {

asio::awaitable<std::string> namespace_of(Client& client, const ServerConfig& config) {
  std::optional<std::string> prefix;
  if (client.can("NAMESPACE")) {
    const auto asked = co_await client.begin(imap::NamespaceCommand{}, [&](imap::Response& response) {
      if (const auto* said = std::get_if<imap::NamespaceResponse>(&response)) prefix = personal_prefix(*said);
    });
    co_await client.end(asked);
  }
  const auto shown = "\"" + prefix.value_or("") + "\"";
  if (!config.list_reference.empty())
    co_return "namespace: list-reference says that mailboxes lie below \"" + config.list_reference + "\"" +
        (prefix && !prefix->empty() ? "; the server says " + shown : "");
  if (prefix && !prefix->empty())
    co_return "namespace: mailboxes lie below " + shown + " there and at the top here; a state from before this was " +
        "done keeps its names";
  co_return "namespace: mailboxes lie at the top";
}

}  // namespace

asio::awaitable<std::vector<std::string>> examine_server(const ServerConfig& config, base::Log log) {
  auto made = co_await connect(config, {.log = std::move(log)});
  auto& client = *made.client;
  const auto enabling = co_await begin_qresync(made);
  if (enabling) co_await client.end(*enabling);
  std::vector<std::string> out;
  out.push_back(
      made.qresync ? "tier: QRESYNC (changes since the last pass, expunges among them)"
      : client.can("CONDSTORE")
          ? "tier: CONDSTORE (changed flags since the last pass; what is gone is counted, and searched for)"
          : "tier: plain IMAP (mailboxes whose counts have changed are listed whole; each of them every 10 minutes)");
  const auto tell = [&](std::string_view name, std::string_view without) {
    out.push_back(std::string(name) + (client.can(name) ? ": yes" : ": no, so " + std::string(without)));
  };
  if (client.can("QRESYNC") && !made.qresync) out.push_back("QRESYNC: announced, but not granted when asked for");
  tell("LIST-STATUS", "asking where mailboxes stand takes a command for each");
  tell("UIDPLUS",
       "what others have marked as deleted is set aside while messages are expunged there, and what is appended must "
       "be looked for");
  tell("MULTIAPPEND", "messages are sent one by one");
  tell("LITERAL+", "each message sent waits for a go-ahead");
  tell("COMPRESS=DEFLATE", "nothing is compressed");
  tell("IDLE", "changes there are seen at intervals only");
  tell("SPECIAL-USE", "the use of mailboxes (sent, drafts) is not known");
  auto where = co_await namespace_of(client, config);
  out.push_back(std::move(where));
  co_await made.client->log_out();
  co_return out;
}

}  // namespace mirror
