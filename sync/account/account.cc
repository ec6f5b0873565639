// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/account/account.h"

#include <sysexits.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <system_error>

#include "proto/base/clock.h"
#include "proto/base/files.h"
#include "store/spool.h"
#include "sync/imap/imap_replica.h"
#include "sync/local/store_replica.h"

namespace mirror {

namespace {

constexpr const char* kEarlyNote = "compress-with-login";
constexpr const char* kQuotaNote = "over-quota";
constexpr const char* kGood = "in sync";  // how the summary of a good pass begins

std::string amount(std::uint64_t n, const char* one, const char* many) {
  return std::to_string(n) + ' ' + (n == 1 ? one : many);
}

std::string octets(std::uint64_t n) {
  char text[32];
  if (n < 10'000)
    std::snprintf(text, sizeof text, "%llu B", static_cast<unsigned long long>(n));
  else if (n < 10'000'000)
    std::snprintf(text, sizeof text, "%.1f kB", static_cast<double>(n) / 1e3);
  else
    std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(n) / 1e6);
  return text;
}

}  // namespace

base::Reason reason_of(const std::error_code& code) {
  return base::is_disk_full(code) ? base::Reason::NoSpace : base::Reason::Failed;
}

int exit_code_of(base::Reason reason) {
  switch (reason) {
    case base::Reason::Configuration: return EX_CONFIG;
    case base::Reason::Authentication: return EX_NOPERM;
    case base::Reason::NotPermitted: return EX_PROTOCOL;
    case base::Reason::Unsupported: return EX_UNAVAILABLE;
    case base::Reason::NoSpace: return EX_CANTCREAT;
    case base::Reason::Corrupt: return EX_DATAERR;
    default: return EX_TEMPFAIL;
  }
}

int PassResult::exit_code() const {
  if (end) return exit_code_of(end->reason);
  if (held > 0) return kHeldExit;
  return good ? 0 : 1;
}

std::string PassResult::summary() const {
  std::string out = end ? "stopped: " + end->text : good ? kGood : "not all is in sync";
  const auto say = [&](std::uint64_t n, const char* one, const char* many, const char* where) {
    if (n > 0) out += ", " + amount(n, one, many) + where;
  };
  if (!end && !counts.any() && held == 0) out += ", nothing to do";
  say(counts.copied_to_local, "message", "messages", " fetched");
  say(counts.copied_to_remote, "message", "messages", " sent");
  say(counts.paired, "message", "messages", " found on both sides");
  say(counts.flagged_local, "flag change", "flag changes", " taken over");
  say(counts.flagged_remote, "flag change", "flag changes", " pushed");
  say(counts.expunged_local, "message", "messages", " expunged here");
  say(counts.expunged_remote, "message", "messages", " expunged there");
  say(held, "removal", "removals", " held");
  say(waiting, "removal", "removals", " waiting");
  say(counts.created_local, "mailbox", "mailboxes", " made here");
  say(counts.created_remote, "mailbox", "mailboxes", " made there");
  say(counts.renamed_local, "mailbox", "mailboxes", " renamed here");
  say(counts.renamed_remote, "mailbox", "mailboxes", " renamed there");
  say(counts.deleted_local, "mailbox", "mailboxes", " deleted here");
  say(counts.deleted_remote, "mailbox", "mailboxes", " deleted there");
  char time[32];
  std::snprintf(time, sizeof time, "%.2f s", seconds);
  return out + " (" + amount(counts.mailboxes, "mailbox", "mailboxes") + ", " + time + ", " + octets(traffic.sent) +
         " out, " + octets(traffic.received) + " in)";
}

Account::Account(Config config, store::MailStore* mail_store, base::Log log)
    : config_(std::move(config)),
      store_(mail_store),
      log_(std::move(log)),
      workers_(4),
      filter_(config_.list_mailbox, config_.ignore_mailbox) {
  if (store_) store_->set_keep_removed(config_.keep_removed);
  auto storage = store_ ? make_store_storage(*store_) : make_file_storage(config_.journal_file());
  journal_ = std::make_unique<Journal>(std::move(storage), config_.database);
  if (const auto early = journal_->note(kEarlyNote); !early.empty())
    early_ = early_noted_ = early == "yes" ? EarlyCompression::Works : EarlyCompression::Fails;
  over_quota_ = OverQuota(journal_->note(kQuotaNote));
  if (journal_->unreadable() > 0)
    log_.error("the journal is damaged; what is left of it is used, and messages are paired anew",
               {{"file", config_.journal_file().string()}, {"octets", journal_->unreadable()}});
}

// UIDs and UIDVALIDITY mean nothing in another account, which may have the same ones for other messages.
base::Result<void> Account::claim_state() {
  for (const auto* side : {&config_.local, &config_.remote}) {
    const bool named = side == &config_.remote && !config_.identity.empty();
    const auto now = named ? config_.identity : side->identity();
    const auto note = "identity-of-" + side->section;
    const auto before = journal_->note(note);
    if (before == now) continue;
    if (!before.empty())
      return base::refuse(
          base::Reason::Configuration,
          "the state \"" + config_.database + "\" is that of another account (" + before + "; [" + side->section +
              "] is now " + (now.empty() ? "the built-in store" : now) +
              "); nothing was touched. For another account write `database = NAME` with a new name at the top of " +
              config_.file.string() +
              ". Where it is the same account under a new address, write "
              "`identity = " +
              before + "` there");
    journal_->put_note(note, now);
  }
  return {};
}

KnownNamespace Account::known_namespace(const ServerConfig& side) {
  const auto note = "namespace-of-" + side.section;
  const auto knows_below = [this](const MailboxPath& path) {
    return std::ranges::any_of(journal_->mailboxes(), [&](const auto& record) { return record.path.is_below(path); });
  };
  const auto remember = [this, note, name = side.shown()](const std::string& prefix) {
    log_.info("mailboxes below the server's own prefix lie at the top here", {{"server", name}, {"prefix", prefix}});
    journal_->put_note(note, prefix);
  };
  return {journal_->note(note), knows_below, remember};
}

imap::SpoolFactory Account::spool() const {
  if (store_) return store::spool_in_store(store_->root());
  return imap::spool_in_files_without_name(config_.journal_file().parent_path());
}

std::unique_ptr<Replica> Account::make_local(Traffic* traffic) {
  if (store_) return make_store_replica(*store_, workers_, config_.local.list_reference);
  const auto log = log_.with({"side", "local"});
  return make_imap_replica(config_.local, {.patterns = filter_.server_patterns(),
                                           .traffic = traffic,
                                           .log = log,
                                           .given = &given_local_,
                                           .known = known_namespace(config_.local),
                                           .spool = spool(),
                                           .workers = &workers_});
}

std::unique_ptr<Replica> Account::make_remote(Traffic* traffic) {
  const auto log = log_.with({"side", "remote"});
  return make_imap_replica(config_.remote, {.patterns = filter_.server_patterns(),
                                            .traffic = traffic,
                                            .log = log,
                                            .early = &early_,
                                            .given = &given_remote_,
                                            .known = known_namespace(config_.remote),
                                            .spool = spool(),
                                            .workers = &workers_});
}

asio::awaitable<PassResult> Account::run_pass(std::function<void(const Progress&)> changed) {
  const auto start = std::chrono::steady_clock::now();
  PassResult out;
  Progress progress;
  if (changed) progress.changed = [&] { changed(progress); };
  PassContext context{.journal = *journal_,
                      .workers = workers_,
                      .progress = progress,
                      .log = log_,
                      .tries_all_held = tries_all_held_,
                      .merges_strangers = config_.merge_different,
                      .over_quota = &over_quota_,
                      .looks = &looks_,
                      .removals = removal_rules(),
                      .account = config_.database,
                      .keep = keeper()};
  over_quota_.begin_pass();
  const auto before = traffic_;
  closing_ = false;
  in_pass_ = true;
  try {
    if (auto ours = claim_state(); !ours) throw Failure(ours.error().reason, ours.error().text);
    co_await run(context, out.good);
  } catch (const Failure& failure) {
    out.end = {failure.reason, failure.what()};
  } catch (const std::system_error& error) {
    out.end = {reason_of(error.code()), error.what()};
  } catch (const std::runtime_error& error) {
    out.end = {base::Reason::Failed, error.what()};
  }
  in_pass_ = false;
  out.traffic = {traffic_.sent - before.sent, traffic_.received - before.received};
  out.counts = progress.counts;
  out.problems = std::move(progress.problems);
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  out.held = progress.held;
  out.waiting = progress.waiting;
  if (out.end || out.held > 0) out.good = false;
  try {
    if (early_ != early_noted_) journal_->put_note(kEarlyNote, early_ == EarlyCompression::Works ? "yes" : "no");
    early_noted_ = early_;
    if (const auto quota = over_quota_.text(); quota != journal_->note(kQuotaNote))
      journal_->put_note(kQuotaNote, quota);
    remember(out);
  } catch (const std::exception& error) {
    log_.warning("the outcome cannot be recorded", {{"why", error.what()}});
  }
  co_return out;
}

std::function<base::Result<void>(const MailboxPath&, const FetchedMessage&)> Account::keeper() {
  if (store_ == nullptr) return {};
  return [this](const MailboxPath& path, const FetchedMessage& message) -> base::Result<void> {
    const auto name = path.to_name(store_->delimiter(), config_.local.list_reference);
    if (!name) return {};
    return store_->keep(*name, {message.data, message.flags, message.internal_date}, "pass");
  };
}

// Whoever has the files of the built-in store may lose them; a server's messages do not get lost one by one.
RemovalRules Account::removal_rules() const {
  RemovalRules out;
  out.now = base::unix_now();
  out.mailboxes = config_.delete_mailboxes;
  out.local.fuse = config_.fuse_there;
  out.remote.fuse = config_.fuse_here;
  if (store_ != nullptr) {
    out.local.wait = config_.missing_wait.count();
    out.local.holds_emptied = true;
  }
  return out;
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

// A connection that was kept may have died since: that alone is no failure.
asio::awaitable<void> Account::run(PassContext& context, bool& good) {
  const bool kept = remote_side_ != nullptr;
  bool again = false;
  try {
    co_await run_once(context, good);
  } catch (const Failure& failure) {
    if (!kept || closing_ || failure.reason != base::Reason::Failed) throw;
    again = true;
  }
  if (!again) co_return;
  auto& progress = context.progress;
  auto changed = std::move(progress.changed);
  progress = Progress{};
  progress.changed = std::move(changed);
  co_await run_once(context, good);
}

asio::awaitable<void> Account::run_once(PassContext& context, bool& good) {
  if (!local_side_) local_side_ = make_local(&traffic_);
  if (!remote_side_) remote_side_ = make_remote(&traffic_);
  const Scope scope{[this](const MailboxPath& path) { return filter_.matches(path); }, config_.only_subscribed};
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

// A pass that finds nothing to do writes nothing, unless it is the first one after trouble.
void Account::remember(const PassResult& result) {
  if (!last_was_good_) last_was_good_ = journal_->note("last").find('\n' + std::string(kGood)) != std::string::npos;
  if (result.good && !result.counts.any() && *last_was_good_) return;
  last_was_good_ = result.good;
  std::string text = std::to_string(base::unix_now()) + '\n' + result.summary() + '\n';
  for (const auto& problem : result.problems) text += problem + '\n';
  journal_->put_note("last", text);
}

}  // namespace mirror
