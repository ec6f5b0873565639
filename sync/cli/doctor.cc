// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern doctor: connects, and says what each server offers and which tier follows from it.
#include <algorithm>
#include <cstdio>

#include "proto/base/printable.h"
#include "sync/cli/choose_accounts.h"
#include "sync/imap/imap_replica.h"

namespace mirror {

namespace {

int examine(const Config& config) {
  std::printf("account: %s\nconfiguration: %s\n", config.name.c_str(), config.file.c_str());
  if (const auto exposed = exposed_password(config); !exposed.empty()) std::printf("warning: %s\n", exposed.c_str());
  transport::WorkerPool workers(1);
  int code = 0;
  for (const auto* side : {&config.local, &config.remote}) {
    if (side->type == ServerConfig::Type::Store) {
      const auto& prefix = side->list_reference;
      std::printf("[%s] the built-in store %s%s\n", side->section.c_str(), side->path.c_str(),
                  prefix.empty() ? "" : (", below " + prefix).c_str());
      continue;
    }
    std::printf("[%s] %s\n", side->section.c_str(),
                side->type == ServerConfig::Type::Tunnel ? side->command.c_str()
                                                         : (side->host + " port " + side->port).c_str());
    const auto work = [&]() -> asio::awaitable<void> {
      const auto lines = co_await examine_server(*side, base::Log());
      for (const auto& one : lines) std::printf("  %s\n", base::printable(one).c_str());
    };
    try {
      run_to_end(work(), workers);
    } catch (const Failure& failure) {
      std::fflush(stdout);
      code = complain({failure.reason, failure.what()});
    }
  }
  return code;
}

}  // namespace

int doctor_command(const CommandLine& line) {
  const auto chosen = choose_accounts(line);
  if (!chosen) return complain(chosen.error());
  int code = 0;
  for (const auto& one : chosen->accounts)
    code = std::max(code, one.config ? examine(*one.config) : complain(one.config.error()));
  return code;
}

}  // namespace mirror
