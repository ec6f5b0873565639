// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern doctor: connects, and says what each server offers and which tier follows from it.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <optional>

#include <nlohmann/json.hpp>

#include "sync/cli/choose_accounts.h"
#include "sync/cli/output.h"
#include "sync/imap/imap_replica.h"

namespace mirror {

namespace {

using Json = nlohmann::ordered_json;

// What is known of one side, or why it is not.
struct Examined {
  const ServerConfig* side = nullptr;
  std::vector<std::string> lines;
  std::optional<base::Refusal> trouble;
};

std::string heading(const ServerConfig& side) {
  const auto& prefix = side.list_reference;
  if (side.type == ServerConfig::Type::Store)
    return "the built-in store " + side.path.string() + (prefix.empty() ? "" : ", below " + prefix);
  return side.type == ServerConfig::Type::Tunnel ? side.command : side.host + " port " + side.port;
}

Examined examine(const ServerConfig& side) {
  Examined out{&side, {}, std::nullopt};
  if (side.type == ServerConfig::Type::Store) return out;
  transport::WorkerPool workers(1);
  const auto work = [&]() -> asio::awaitable<void> { out.lines = co_await examine_server(side, base::Log()); };
  try {
    run_to_end(work(), workers);
  } catch (const Failure& failure) {
    out.trouble = {failure.reason, failure.what()};
  }
  return out;
}

// Each side is told as soon as it is known.
int examine(const Config& config) {
  std::printf("account: %s\nconfiguration: %s\n", config.name.c_str(), config.file.c_str());
  if (const auto exposed = exposed_password(config); !exposed.empty()) std::printf("warning: %s\n", exposed.c_str());
  int code = 0;
  for (const auto* side : {&config.local, &config.remote}) {
    std::printf("[%s] %s\n", side->section.c_str(), heading(*side).c_str());
    std::fflush(stdout);
    const auto examined = examine(*side);
    for (const auto& one : examined.lines) std::printf("  %s\n", shown_on(STDOUT_FILENO, one).c_str());
    std::fflush(stdout);
    if (examined.trouble) code = complain(*examined.trouble);
  }
  return code;
}

// The object of docs/json.md. The command of a tunnel may hold what is nobody's business.
Json object_of(const AccountEntry& entry, int& code) {
  Json out{{"account", entry.name}, {"good", entry.config.has_value()}};
  if (!entry.config) {
    code = std::max(code, exit_code_of(entry.config.error().reason));
    out["error"] = entry.config.error().text;
    return out;
  }
  const auto& config = *entry.config;
  out["configuration"] = config.file.string();
  out["warnings"] = Json::array();
  if (const auto exposed = exposed_password(config); !exposed.empty()) out["warnings"].push_back(exposed);
  for (const auto* side : {&config.local, &config.remote}) {
    const auto examined = examine(*side);
    const bool tunnel = side->type == ServerConfig::Type::Tunnel;
    Json one{{"is", tunnel ? side->shown() : heading(*side)}, {"says", examined.lines}, {"error", nullptr}};
    if (examined.trouble) {
      one["error"] = examined.trouble->text;
      out["good"] = false;
      code = std::max(code, exit_code_of(examined.trouble->reason));
    }
    out[side->section == "local" ? "here" : "there"] = std::move(one);
  }
  return out;
}

}  // namespace

int doctor_command(const CommandLine& line) {
  const auto chosen = choose_accounts(line);
  if (!chosen) return complain(chosen.error());
  int code = 0;
  if (wants_json(chosen->arguments)) {
    auto all = Json::array();
    for (const auto& one : chosen->accounts) all.push_back(object_of(one, code));
    std::printf("%s\n", all.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
    return code;
  }
  for (const auto& one : chosen->accounts)
    code = std::max(code, one.config ? examine(*one.config) : complain(one.config.error()));
  return code;
}

}  // namespace mirror
