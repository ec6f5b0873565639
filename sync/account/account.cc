// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/account/account.h"

#include <algorithm>
#include <chrono>
#include <system_error>

#include "proto/base/clock.h"
#include "proto/base/files.h"
#include "store/spool.h"
#include "sync/imap/imap_replica.h"
#include "sync/local/store_replica.h"
#include "sync/switch/tool_states.h"

namespace mirror {

namespace {

std::unique_ptr<JournalStorage> storage_of(const Config& config, store::MailStore* store, Account::Use use) {
  if (store != nullptr) return make_store_storage(*store);
  return use == Account::Use::Knowledge ? read_file_storage(config.journal_file())
                                        : make_file_storage(config.journal_file());
}

constexpr const char* kEarlyNote = "compress-with-login";
constexpr const char* kQuotaNote = "over-quota";
constexpr const char* kLooksNote = "looks";

}  // namespace

Account::Account(Config config, store::MailStore* mail_store, base::Log log, Use use)
    : config_(std::move(config)),
      store_(mail_store),
      log_(std::move(log)),
      workers_(4),
      filter_(config_.list_mailbox, config_.ignore_mailbox) {
  if (store_) {
    store_->set_keep_removed(config_.keep_removed);
    store_->set_keep_ledger(config_.keep_ledger);
    store_->note_copies();
    auto name = config_.database;
    std::ranges::replace(name, '/', '!');
    tool_states_ = make_tool_states(*store_, store_names(), config_.switch_from,
                                    store_->root() / ".postern" / ("switched-" + name));
  }
  journal_ = std::make_unique<Journal>(storage_of(config_, store_, use), config_.database);
  if (const auto early = journal_->note(kEarlyNote); !early.empty())
    early_ = early_noted_ = early == "yes" ? EarlyCompression::Works : EarlyCompression::Fails;
  over_quota_ = OverQuota(journal_->note(kQuotaNote));
  looks_ = Looks(journal_->note(kLooksNote));
  if (journal_->unreadable() > 0)
    log_.error("the journal is damaged; what is left of it is used, and messages are paired anew",
               {{"file", config_.journal_file().string()}, {"octets", journal_->unreadable()}});
}

KnownNamespace Account::known_namespace(const ServerConfig& side) {
  const auto note = "namespace-of-" + side.section, said_note = "namespace-said-by-" + side.section;
  const auto knows_below = [this](const MailboxPath& path) {
    return std::ranges::any_of(journal_->mailboxes(), [&](const auto& record) { return record.path.is_below(path); });
  };
  const auto remember = [this, note, name = side.shown()](const std::string& prefix) {
    log_.info("mailboxes below the server's own prefix lie at the top here", {{"server", name}, {"prefix", prefix}});
    journal_->put_note(note, prefix);
  };
  const auto remember_said = [this, said_note](const std::string& said) { journal_->put_note(said_note, said); };
  return {journal_->note(note), knows_below, remember, journal_->note(said_note), remember_said};
}

StoreNames Account::store_names() const {
  return {config_.local.list_reference, config_.local.separator.value_or(store_->delimiter())};
}

imap::SpoolFactory Account::spool() const {
  if (store_) return store::spool_in_store(store_->root());
  return imap::spool_in_files_without_name(config_.journal_file().parent_path());
}

std::unique_ptr<Replica> Account::make_local(Traffic* traffic) {
  if (store_) return make_store_replica(*store_, workers_, store_names(), [this] { return others_prefixes(); });
  const auto log = log_.with({"side", "local"});
  return make_imap_replica(config_.local,
                           {.patterns = limited_to_.empty() ? filter_.server_patterns() : std::vector<std::string>(),
                            .traffic = traffic,
                            .log = log,
                            .given = &given_local_,
                            .known = known_namespace(config_.local),
                            .spool = spool(),
                            .workers = &workers_,
                            .trace = tracing_});
}

std::unique_ptr<Replica> Account::make_remote(Traffic* traffic) {
  const auto log = log_.with({"side", "remote"});
  return make_imap_replica(config_.remote,
                           {.patterns = limited_to_.empty() ? filter_.server_patterns() : std::vector<std::string>(),
                            .traffic = traffic,
                            .log = log,
                            .early = &early_,
                            .given = &given_remote_,
                            .known = known_namespace(config_.remote),
                            .spool = spool(),
                            .workers = &workers_,
                            .trace = tracing_});
}

PassContext Account::context_of(Progress& progress) {
  return {.journal = *journal_,
          .workers = workers_,
          .progress = progress,
          .log = log_,
          .tries_all_held = tries_all_held_,
          .merges_strangers = config_.merge_different.value_or(false),
          .over_quota = &over_quota_,
          .looks = &looks_,
          .looks_at_all = tries_all_held_,  // a person asks
          .removals = removal_rules(),
          .account = config_.database,
          .permits = [this](const MailboxPath& path) { return directions_.permits(path); },
          .keep = keeper(),
          .tool_states = tool_states_.get()};
}

Scope Account::scope() const {
  Scope out{[this](const MailboxPath& path) { return matches(path); }, config_.only_subscribed && limited_to_.empty(),
            config_.with_parents};
  if (!limited_to_.empty() && !config_.only_subscribed)
    out.of_other_passes = [this](const MailboxPath& path) { return filter_.matches(path) && !is_of_another(path); };
  return out;
}

asio::awaitable<PassPlan> Account::plan() {
  auto real = std::exchange(journal_, journal_->for_trial());  // whatever writes, writes there
  if (store_) store_->let_names_rest(true);
  std::exception_ptr fault;
  PassPlan out;
  try {
    out = co_await plan_with_trial();
  } catch (...) {
    fault = std::current_exception();
  }
  journal_ = std::move(real);
  if (store_) store_->let_names_rest(false);
  if (fault) std::rethrow_exception(fault);
  co_return out;
}

asio::awaitable<PassPlan> Account::plan_with_trial() {
  if (auto ours = claim_state(); !ours) throw Failure(ours.error().reason, ours.error().text);
  refuse_several_accounts();
  co_await take_over_interimap();
  Progress progress;
  Directions directions(config_);
  directions.begin(*journal_, {.consent = true});
  auto context = context_of(progress);
  context.permits = [&](const MailboxPath& path) { return directions.permits(path); };
  context.looks = nullptr;
  context.is_trial = true;
  const auto local = make_local(nullptr), remote = make_remote(nullptr);
  auto out = co_await plan_pass(context, *local, *remote, scope());
  co_await remote->finish();
  co_await local->finish();
  co_return out;
}

asio::awaitable<PassResult> Account::run_pass(std::function<void(const Progress&)> changed, bool consent) {
  PassResult out;
  Progress progress;
  if (changed) progress.changed = [&] { changed(progress); };
  if (pass_ended_ && config_.hooks.wants_arrivals()) progress.arrivals.begin();
  auto context = context_of(progress);
  over_quota_.begin_pass();
  under_way_ = {&progress, traffic_};
  closing_ = false;
  in_pass_ = true;
  try {
    if (auto ours = claim_state(); !ours) throw Failure(ours.error().reason, ours.error().text);
    refuse_several_accounts();
    out.told = co_await take_over_interimap();
    out.is_first = is_first_fetch();
    directions_.begin(*journal_, {.consent = consent, .whole = limited_to_.empty()});
    co_await pass_over_kept_connections(context, out.good);
    directions_.end(*journal_, progress, out.good, config_.remote.shown());
  } catch (const Failure& failure) {
    out.end = {failure.reason, failure.what()};
  } catch (const std::system_error& error) {
    out.end = {reason_of(error.code()), error.what()};
  } catch (const std::runtime_error& error) {
    out.end = {base::Reason::Failed, error.what()};
  }
  in_pass_ = false;
  out.take(std::move(progress));
  const auto pass = *std::exchange(under_way_, std::nullopt);
  out.traffic = {traffic_.sent - pass.before.sent, traffic_.received - pass.before.received};
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - pass.start).count();
  out.whole = limited_to_.empty();
  if (out.end || out.held > 0) out.good = false;
  record(out);
  if (pass_ended_) pass_ended_(out, news_since_last(out));
  co_return out;
}

std::optional<ProgressReport> Account::progress() const {
  if (!under_way_) return std::nullopt;
  const auto& [progress, before, start] = *under_way_;
  return ProgressReport{progress->copied(), progress->to_copy,
                        traffic_.sent + traffic_.received - before.sent - before.received,
                        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start),
                        progress->mailbox};
}

void Account::close_connections() {
  closing_ = true;
  for (const auto* side : {&local_side_, &remote_side_})
    if (*side) (*side)->close();
  // Between passes nobody uses them: the next one begins anew.
  if (in_pass_) return;
  local_side_ = nullptr;
  remote_side_ = nullptr;
}

void Account::doubt_connections() {
  if (!in_pass_) return close_connections();
  for (const auto* side : {&local_side_, &remote_side_})
    if (*side) (*side)->doubt_connections();
}

bool Account::is_connecting() const {
  return (local_side_ && local_side_->is_connecting()) || (remote_side_ && remote_side_->is_connecting());
}

asio::awaitable<void> Account::pass_over_kept_connections(PassContext& context, bool& good) {
  const bool kept = remote_side_ != nullptr;
  bool again = false;
  try {
    co_await pass_over_connections(context, good);
  } catch (const Failure& failure) {
    if (!kept || closing_ || failure.reason != base::Reason::ConnectionLost) throw;
    again = true;
  }
  if (!again) co_return;
  auto& progress = context.progress;
  auto changed = std::move(progress.changed);
  auto arrivals = std::move(progress.arrivals);  // they are here
  progress = Progress{};
  progress.changed = std::move(changed);
  progress.arrivals = std::move(arrivals);
  co_await pass_over_connections(context, good);
}

asio::awaitable<void> Account::pass_over_connections(PassContext& context, bool& good) {
  if (!local_side_) local_side_ = make_local(&traffic_);
  if (!remote_side_) remote_side_ = make_remote(&traffic_);
  const auto scope = this->scope();
  std::exception_ptr fault;
  try {
    good = co_await mirror::run_pass(context, *local_side_, *remote_side_, scope);
    if (!keep_) {
      co_await remote_side_->finish();
      co_await local_side_->finish();
    }
  } catch (...) {
    fault = std::current_exception();
  }
  if (!keep_ || fault) {
    local_side_ = nullptr;
    remote_side_ = nullptr;
  }
  if (fault) std::rethrow_exception(fault);
}

void Account::record(const PassResult& out) {
  try {
    if (early_ != early_noted_) journal_->put_note(kEarlyNote, early_ == EarlyCompression::Works ? "yes" : "no");
    early_noted_ = early_;
    if (const auto quota = over_quota_.text(); quota != journal_->note(kQuotaNote))
      journal_->put_note(kQuotaNote, quota);
    if (auto looks = looks_.text(); looks != journal_->note(kLooksNote)) journal_->put_note(kLooksNote, looks);
    remember(out);
    if (out.is_first && !out.end && out.whole) end_first_fetch();
  } catch (const std::exception& error) {
    log_.warning("the outcome cannot be recorded", {{"why", error.what()}});
  }
}

// A pass that finds nothing to do writes nothing, unless it is the first one after trouble.
void Account::remember(const PassResult& result) {
  if (!last_was_good_) last_was_good_ = journal_->note("last").find('\n' + std::string(kInSync)) != std::string::npos;
  if (result.good && !result.counts.any() && *last_was_good_) return;
  last_was_good_ = result.good;
  std::string text = std::to_string(base::unix_now()) + '\n' + result.summary() + '\n';
  for (const auto& problem : result.problems) text += problem + '\n';
  journal_->put_note("last", text);
}

}  // namespace mirror
