// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/daemon/options.h"

#include <sysexits.h>

#define CXXOPTS_NO_REGEX  // making its expressions takes longer than reading the command line
#include <cxxopts.hpp>

#include <algorithm>
#include <charconv>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <utility>

#include "proto/base/version.h"
#include "sync/config/accounts.h"

namespace server {

namespace {

// The store that was named, else the configuration's, else ~/Mail; and whether the configuration is about it. A wrong
// configuration keeps no mail from being read, as long as it is known which: the sync is off until it is mended.
base::Result<void> find_store(Options& out, const std::string& store, const std::string& config, bool synchronise) {
  const auto file = mirror::find_config(config);
  const auto accounts = file ? mirror::read_accounts(*file) : std::vector<mirror::AccountEntry>();
  std::optional<std::filesystem::path> about;  // the first store, or the one that was named, where it is among them
  for (const auto& one : accounts)
    if (one.store && (!about || (!store.empty() && mirror::is_same_directory(*one.store, store)))) about = one.store;
  const bool any_right = std::ranges::any_of(accounts, [](const auto& one) { return one.config.has_value(); });
  if (!any_right && file && !about && store.empty())
    return base::refuse(base::Reason::Configuration, accounts.front().config.error().text +
                                                         " (which store is meant cannot be told; --store DIR says it)");
  const char* home = std::getenv("HOME");
  if (store.empty() && !about && (home == nullptr || *home == 0))
    return base::refuse(base::Reason::Configuration, "HOME is not set; say --store DIR");
  out.store = !store.empty() ? std::filesystem::path(store) : about.value_or(mirror::default_store());
  out.store = std::filesystem::absolute(out.store).lexically_normal();
  if (!out.store.has_filename()) out.store = out.store.parent_path();
  const bool named = !config.empty();
  const bool same = about ? mirror::is_same_directory(*about, out.store) : named && !any_right;
  if (named && !same)
    return base::refuse(base::Reason::Configuration,
                        file->string() + ": [local] is not the store " + out.store.string());
  out.synchronise = same && synchronise;
  if (out.synchronise) out.config = *file;
  return {};
}

// What --stdio has no use for: the owner that it finds or starts has its own.
constexpr const char* kOwnersAlone[] = {
    "listen", "listen-anywhere", "password-file", "tls-certificate", "tls-key", "log-file", "verbose", "owner", "wait",
    "debug"};

cxxopts::Options command_line() {
  cxxopts::Options out("imapd", "A local single-user IMAP server on a Maildir store.\n");
  const auto text = [] { return cxxopts::value<std::string>(); };
  auto add = out.add_options();
  add("stdio", "serve one client on standard input and output (a mail client's tunnel)");
  add("store", "the mail store (default: the configuration's, else ~/Mail)", text(), "DIR");
  add("config", "configuration of the sync (default: $XDG_CONFIG_HOME/postern/config)", text(), "FILE");
  add("no-sync", "serve only");
  add("listen", "unix:PATH, tcp:HOST:PORT or tls:HOST:PORT; may be given several times",
      cxxopts::value<std::vector<std::string>>(), "ADDRESS");
  add("listen-anywhere", "allow addresses other than loopback");
  add("password-file", "lines of user:password, for tcp and tls", text(), "FILE");
  add("tls-certificate", "certificate chain, PEM", text(), "FILE");
  add("tls-key", "its key, PEM", text(), "FILE");
  add("wait", "while another process serves the store, wait for its end (a service)");
  add("idle-exit", "how long an owner started by --stdio stays without a client (default: 300)", text(), "SECONDS");
  add("literal-limit", "the largest literal (message) accepted (default: 1 GiB)", text(), "OCTETS");
  add("log-file", "write the log there", text(), "FILE");
  add("verbose", "log more");
  add("debug", "the same, and what the sync and its servers say, without passwords and texts");
  add("version", "print the version");
  add("h,help", "print this");
  auto internal = out.add_options("internal");
  internal("owner", "started by a launcher");
  internal("ready-fd", "where the launcher waits to hear that the owner serves", text(), "N");
  return out;
}

std::optional<std::uint64_t> number_in(const std::string& text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

std::uint64_t number_of(const cxxopts::ParseResult& given, const std::string& name, std::uint64_t most) {
  const auto& text = given[name].as<std::string>();
  const auto number = number_in(text);
  if (!number || *number > most) throw cxxopts::exceptions::parsing("--" + name + " wants a number, not " + text);
  return *number;
}

void take_flags(const cxxopts::ParseResult& given, Options& out) {
  for (const auto& [name, flag] : {std::pair("stdio", &out.stdio),
                                   {"owner", &out.owner},
                                   {"listen-anywhere", &out.listen_anywhere},
                                   {"wait", &out.wait},
                                   {"verbose", &out.verbose},
                                   {"debug", &out.debug}})
    *flag = given.count(name) != 0;
}

base::Result<Options> wrong_usage(const std::string& text) { return base::refuse(base::Reason::Usage, text); }

}  // namespace

base::Result<Options> parse_options(int argc, char** argv) {
  auto parser = command_line();
  try {
    const auto given = parser.parse(argc, argv);
    if (given.count("help") != 0) {
      std::cout << parser.help({""});
      std::exit(0);
    }
    if (given.count("version") != 0) {
      std::cout << "imapd (Postern) " << base::version() << "\n";
      std::exit(0);
    }
    if (!given.unmatched().empty()) return wrong_usage("unexpected argument " + given.unmatched().front());
    Options out;
    const auto text = [&](const char* name, std::string& into) {
      if (given.count(name) != 0) into = given[name].as<std::string>();
    };
    take_flags(given, out);
    if (given.count("ready-fd") != 0) out.ready_fd = static_cast<int>(number_of(given, "ready-fd", INT_MAX));
    if (given.count("idle-exit") != 0) out.idle_exit = std::chrono::seconds(number_of(given, "idle-exit", INT_MAX));
    if (given.count("literal-limit") != 0) out.literal_limit = number_of(given, "literal-limit", UINT64_MAX);
    if (given.count("listen") != 0) out.listen = given["listen"].as<std::vector<std::string>>();
    text("password-file", out.password_file);
    text("tls-certificate", out.tls_certificate);
    text("tls-key", out.tls_key);
    text("log-file", out.log_file);
    std::string store, config;
    text("store", store);
    text("config", config);
    const auto found = find_store(out, store, config, given.count("no-sync") == 0);
    if (!found) return std::unexpected(found.error());
    for (const char* name : kOwnersAlone)
      if (out.stdio && given.count(name) != 0)
        return wrong_usage(std::string("--stdio and --") + name + " do not go together");
    return out;
  } catch (const cxxopts::exceptions::exception& error) {
    return wrong_usage(error.what());
  }
}

int refuse_command_line(const base::Refusal& refusal) {
  const bool usage = refusal.reason == base::Reason::Usage;
  std::fprintf(stderr, "imapd: %s\n%s", refusal.text.c_str(), usage ? "Try imapd --help.\n" : "");
  return usage ? EX_USAGE : EX_CONFIG;
}

base::Result<ListenAddress> parse_listen_address(const std::string& text) {
  ListenAddress out;
  if (text.starts_with("unix:")) {
    out.path = text.substr(5);
    if (out.path.empty()) return base::refuse(base::Reason::Configuration, "--listen unix:PATH wants a path");
    return out;
  }
  const bool tls = text.starts_with("tls:");
  if (!tls && !text.starts_with("tcp:"))
    return base::refuse(base::Reason::Configuration,
                        "--listen wants unix:PATH, tcp:HOST:PORT or tls:HOST:PORT, not " + text);
  out.kind = tls ? ListenAddress::Kind::Tls : ListenAddress::Kind::Tcp;
  const auto rest = text.substr(4);
  const auto colon = rest.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == rest.size())
    return base::refuse(base::Reason::Configuration, "--listen " + text + ": no host or no port");
  out.host = rest.substr(0, colon);
  out.port = rest.substr(colon + 1);
  const auto port = number_in(out.port);
  if (!port || *port > UINT16_MAX)
    return base::refuse(base::Reason::Configuration, "--listen " + text + ": " + out.port + " is no port");
  if (out.host.starts_with('[') && out.host.ends_with(']')) out.host = out.host.substr(1, out.host.size() - 2);
  return out;
}

}  // namespace server
