// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern doctor: connects, and says what each server offers and which tier follows from it.
#include <cstdio>

#include "proto/base/printable.h"
#include "sync/cli/commands.h"
#include "sync/imap/imap_replica.h"

namespace mirror {

int doctor_command(const CommandLine& line) {
  const auto config = configuration(line);
  if (!config) return complain(config.error());
  std::printf("configuration: %s\n", config->file.c_str());
  if (const auto exposed = exposed_password(*config); !exposed.empty()) std::printf("warning: %s\n", exposed.c_str());
  transport::WorkerPool workers(1);
  int code = 0;
  for (const auto* side : {&config->local, &config->remote}) {
    if (side->type == ServerConfig::Type::Store) {
      std::printf("[%s] the built-in store %s\n", side->section.c_str(), side->path.c_str());
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

}  // namespace mirror
