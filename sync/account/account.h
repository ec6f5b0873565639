// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Account: two sides as a configuration says, and passes over them.
#pragma once

#include <asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/log.h"
#include "proto/transport/worker_pool.h"
#include "store/mail_store.h"
#include "sync/account/directions.h"
#include "sync/account/pass_result.h"
#include "sync/account/problem_news.h"
#include "sync/client/connect.h"
#include "sync/client/metered_stream.h"
#include "sync/config/config.h"
#include "sync/config/mailbox_filter.h"
#include "sync/imap/server_names.h"
#include "sync/journal/journal.h"
#include "sync/pass/pass.h"
#include "sync/pass/plan_pass.h"
#include "sync/progress.h"
#include "sync/progress_report.h"
#include "sync/store_names.h"

namespace mirror {

class Account {
 public:
  // Knowledge: of two foreign servers, what is known may be read while another process is at work; no passes then.
  enum class Use : std::uint8_t { Passes, Knowledge };
  // mail_store: the local side, where it is the built-in store; outlives the account. Throws Failure where the journal
  // cannot be opened.
  Account(Config config, store::MailStore* mail_store, base::Log log, Use use = Use::Passes);

  // One at a time. `changed` is called often. Does not throw what a pass may run into.
  // consent: what is only here may be sent also where nothing was ever agreed.
  asio::awaitable<PassResult> run_pass(std::function<void(const Progress&)> changed = {}, bool consent = false);
  // Where the pass that is under way stands; nullopt: none is.
  std::optional<ProgressReport> progress() const;
  // What a pass would do. Nothing is changed, on either side or in the state. Throws Failure.
  asio::awaitable<PassPlan> plan();
  // Nothing was ever agreed, and the configuration does not say what is to become of what is only here.
  bool asks_before_sending() { return directions_.asks(*journal_); }

  // Called at the end of each pass, with the problems that are new or gone since the one before.
  using PassEnded = std::function<void(const PassResult&, const ProblemNews&)>;
  void on_pass_end(PassEnded f) { pass_ended_ = std::move(f); }

  void keep_connections(bool keep) { keep_ = keep; }  // between passes; else each ends with LOGOUT
  // What is agreed belongs to these two sides; refuses (Configuration) where it was made with others, and remembers
  // them where it was made with none.
  base::Result<void> claim_state();
  // Whether messages that were refused are tried again whatever their pause; as when a person asks for a pass.
  void try_all_held(bool all) { tries_all_held_ = all; }
  // The server has said that something has changed in it; what it counts need not show it.
  void look_again_at(const MailboxPath& path) { looks_.forget(path); }
  // Of whoever asks for the next pass (GivenPassword::environment).
  void use_environment(const std::vector<std::string>& environment) {
    given_local_.environment = given_remote_.environment = environment;
  }
  GivenPassword& password_of(Side side) { return side == Side::Local ? given_local_ : given_remote_; }
  const ServerConfig& config_of(Side side) const { return side == Side::Local ? config_.local : config_.remote; }
  std::string prefix_on(Side side) const;  // of mailboxes, at a server: configured, or its own
  // Also those of a pass under way, which ends with a Failure.
  void close_connections();
  void doubt_connections();  // it is not known whether anybody is at their other end; those that rest are closed
  bool is_connecting() const;

  // Who listens in to the conversations with its servers.
  const std::shared_ptr<Tracing>& tracing() const { return tracing_; }
  void use_tracing(std::shared_ptr<Tracing> tracing) { tracing_ = std::move(tracing); }  // before the first pass

  const Config& config() const { return config_; }
  transport::WorkerPool& workers() { return workers_; }
  Journal& journal() { return *journal_; }
  // What is synchronised: the configuration's patterns, and never what is another account's.
  bool matches(const MailboxPath& path) const;
  // Another account's mailboxes are below this name or at it; a person is told so.
  bool is_of_another(const MailboxPath& path) const;
  // The next passes are about these alone, whatever the patterns are ("lists/one"); empty: about all.
  void limit_to(std::vector<std::string> mailboxes);
  store::MailStore* mail_store() { return store_; }  // null: no side is the built-in store
  std::unique_ptr<Replica> make_local(Traffic* traffic);
  std::unique_ptr<Replica> make_remote(Traffic* traffic);

 private:
  PassContext context_of(Progress& progress);
  Scope scope() const;
  asio::awaitable<PassPlan> plan_with_trial();
  // What InterIMAP knew of these two sides, where nothing was ever agreed. Sentences for a person.
  asio::awaitable<std::vector<std::string>> take_over_interimap();
  // A connection that was kept may have died since: that alone is no failure.
  asio::awaitable<void> pass_over_kept_connections(PassContext& context, bool& good);
  asio::awaitable<void> pass_over_connections(PassContext& context, bool& good);
  void record(const PassResult& result);  // in the journal
  RemovalRules removal_rules() const;
  base::Result<void> claim_prefix(const ServerConfig& side);
  std::vector<std::string> others_prefixes() const;
  void refuse_several_accounts();
  std::function<base::Result<void>(const MailboxPath&, const FetchedMessage&)> keeper();
  void remember(const PassResult& result);
  StoreNames store_names() const;
  bool is_first_fetch();
  void end_first_fetch();
  ProblemNews news_since_last(const PassResult& result);
  imap::SpoolFactory spool() const;  // where large messages are while they cross
  KnownNamespace known_namespace(const ServerConfig& side);

  Config config_;
  store::MailStore* store_;
  base::Log log_;
  transport::WorkerPool workers_;
  std::unique_ptr<Journal> journal_;
  MailboxFilter filter_;
  std::vector<std::string> others_;      // prefixes, as claim_state() has found them
  std::vector<std::string> limited_to_;  // mailboxes
  Directions directions_{config_};
  Traffic traffic_;  // of all passes
  GivenPassword given_local_, given_remote_;
  std::unique_ptr<Replica> local_side_, remote_side_;
  EarlyCompression early_ = EarlyCompression::Unknown, early_noted_ = EarlyCompression::Unknown;  // at the remote side
  std::optional<bool> last_was_good_;        // what the note of the last pass says
  std::unique_ptr<ToolStates> tool_states_;  // null: no side is the built-in store
  Looks looks_;
  OverQuota over_quota_;
  struct UnderWay {
    const Progress* progress = nullptr;
    Traffic before;
    std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  };
  std::optional<UnderWay> under_way_;
  std::shared_ptr<Tracing> tracing_ = std::make_shared<Tracing>();
  PassEnded pass_ended_;
  int failures_ = 0;  // passes that could not go on, one after the other
  bool tries_all_held_ = true;
  bool keep_ = false, in_pass_ = false, closing_ = false;
};

}  // namespace mirror
