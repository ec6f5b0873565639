// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern watch [ACCOUNT...]: keeps accounts the same until a signal. Those of a store are its owner's, which this
// process becomes; pairs of foreign servers are kept here, or by that owner.
#include <sysexits.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "sync/cli/ask_owner.h"
#include "sync/cli/choose_accounts.h"
#include "sync/cli/output.h"
#include "sync/client/wire_trace.h"
#include "sync/engine/engine.h"

namespace mirror {

namespace {

constexpr std::chrono::seconds kGrace{3};

void set_up_log(const CommandLine& line) {
  base::set_log_level(line.verbose ? base::LogLevel::Debug : line.quiet ? base::LogLevel::Error : base::LogLevel::Info);
  if (line.debug) set_wire_trace(WireTrace::Redacted);
}

// The engine's coroutines are not ended one by one: what was agreed is on the disk.
[[noreturn]] void leave() {
  std::fflush(nullptr);
  ::_exit(0);
}

[[noreturn]] void watch_pairs(const std::filesystem::path& file, std::vector<std::string> names) {
  asio::io_context io{1};
  Engine engine(io.get_executor(), nullptr, base::Log());
  asio::signal_set signals(io, SIGINT, SIGTERM);
  asio::steady_timer grace(io);
  signals.async_wait([&](asio::error_code error, int) {
    if (error) return;
    grace.expires_after(kGrace);
    grace.async_wait([](asio::error_code) { leave(); });
    engine.stop([] { leave(); });
  });
  engine.start(file, std::move(names));
  io.run();
  leave();
}

const AccountEntry* first_of_a_store(const Chosen& chosen) {
  const auto at =
      std::ranges::find_if(chosen.accounts, [](const auto& one) { return one.config && !is_pair(*one.config); });
  return at == chosen.accounts.end() ? nullptr : &*at;
}

}  // namespace

int watch_command(const CommandLine& line) {
  const auto chosen = choose_accounts(line);
  if (!chosen) return complain(chosen.error());
  set_up_log(line);
  for (const auto& one : chosen->accounts)
    if (!one.config) complain(one.config.error());
  if (std::ranges::none_of(chosen->accounts, [](const auto& one) { return one.config.has_value(); })) return EX_CONFIG;
  if (const auto* with_store = first_of_a_store(*chosen)) {
    for (const auto& one : chosen->accounts)
      if (one.config && !is_pair(*one.config) &&
          !is_same_directory(one.config->local.path, with_store->config->local.path))
        complain({base::Reason::Configuration, one.name + " has another store, which is not watched by this process: " +
                                                   "`postern watch " + one.name + "`"});
    TerminalOutput output(line.quiet);
    auto config = *with_store->config;
    config.file = chosen->file;  // all of them
    return serve_in_place(config, output, line.debug);
  }
  std::vector<std::string> names;
  if (std::ranges::any_of(line.words.arguments, [](const auto& one) { return !one.starts_with("--"); }))
    for (const auto& one : chosen->accounts) names.push_back(one.name);
  watch_pairs(chosen->file, std::move(names));
}

}  // namespace mirror
