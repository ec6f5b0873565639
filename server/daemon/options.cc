// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/daemon/options.h"

#define CXXOPTS_NO_REGEX  // making its expressions takes longer than reading the command line
#include <cxxopts.hpp>

#include <cstdlib>
#include <iostream>

#include "sync/config.h"

namespace server {

namespace {

// The store that was named, else the configuration's, else ~/Mail; and whether the configuration is about it. A wrong
// configuration that nobody named must not keep mail that was named from being read.
base::Result<void> find_store(Options& out, const std::string& store, const std::string& config, bool synchronise) {
  const auto file = mirror::find_config(config);
  auto read = file ? mirror::read_config(*file) : base::refuse(base::Reason::Configuration, "there is none");
  const bool wanted = !config.empty() || (file && store.empty());
  if (!read && wanted) return std::unexpected(read.error());
  const bool has_store = read && read->local.type == mirror::ServerConfig::Type::Store;
  const char* home = std::getenv("HOME");
  if (store.empty() && !has_store && (home == nullptr || *home == 0))
    return base::refuse(base::Reason::Configuration, "HOME is not set; say --store DIR");
  if (!store.empty())
    out.store = store;
  else
    out.store = has_store ? read->local.path : mirror::default_store();
  out.store = std::filesystem::absolute(out.store).lexically_normal();
  if (!out.store.has_filename()) out.store = out.store.parent_path();
  const bool same = has_store && mirror::is_same_directory(read->local.path, out.store);
  if (!config.empty() && !same)
    return base::refuse(base::Reason::Configuration,
                        file->string() + ": [local] is not the store " + out.store.string());
  out.synchronise = same && synchronise;
  if (out.synchronise) out.config = *file;
  return {};
}

}  // namespace

base::Result<Options> parse_options(int argc, char** argv) {
  cxxopts::Options parser("imapd", "A local single-user IMAP server on a Maildir store.\n");
  parser.add_options()("stdio", "serve one client on standard input and output (a mail client's tunnel)")(
      "store", "the mail store (default: the configuration's, else ~/Mail)", cxxopts::value<std::string>())(
      "config", "configuration of the sync (default: $XDG_CONFIG_HOME/postern/config)", cxxopts::value<std::string>())(
      "no-sync", "serve only")("listen", "unix:PATH, tcp:HOST:PORT or tls:HOST:PORT; may be given several times",
                               cxxopts::value<std::vector<std::string>>())("listen-anywhere",
                                                                           "allow addresses other than loopback")(
      "password-file", "lines of user:password, for tcp and tls", cxxopts::value<std::string>())(
      "tls-certificate", "certificate chain, PEM", cxxopts::value<std::string>())(
      "tls-key", "its key, PEM", cxxopts::value<std::string>())("log-file", "write the log there",
                                                                cxxopts::value<std::string>())("verbose", "log more")(
      "idle-exit", "seconds without a client after which an owner started by --stdio leaves", cxxopts::value<int>())(
      "literal-limit", "octets of the largest literal (message) accepted", cxxopts::value<std::uint64_t>())(
      "owner", "(internal) started by --stdio")("ready-fd", "write a byte to this descriptor when serving",
                                                cxxopts::value<int>())("version", "print the version")("h,help",
                                                                                                       "print this");
  try {
    const auto given = parser.parse(argc, argv);
    if (given.count("help") != 0) {
      std::cout << parser.help();
      std::exit(0);
    }
    if (given.count("version") != 0) {
      std::cout << "imapd (Postern) " << POSTERN_VERSION << "\n";
      std::exit(0);
    }
    if (!given.unmatched().empty())
      return base::refuse(base::Reason::Configuration, "unexpected argument " + given.unmatched().front());
    Options out;
    const auto text = [&](const char* name, std::string& into) {
      if (given.count(name) != 0) into = given[name].as<std::string>();
    };
    out.stdio = given.count("stdio") != 0;
    out.owner = given.count("owner") != 0;
    out.listen_anywhere = given.count("listen-anywhere") != 0;
    out.verbose = given.count("verbose") != 0;
    if (given.count("ready-fd") != 0) out.ready_fd = given["ready-fd"].as<int>();
    if (given.count("idle-exit") != 0) out.idle_exit = std::chrono::seconds(given["idle-exit"].as<int>());
    if (given.count("literal-limit") != 0) out.literal_limit = given["literal-limit"].as<std::uint64_t>();
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
    if (out.stdio && (!out.listen.empty() || out.owner))
      return base::refuse(base::Reason::Configuration, "--stdio and --listen do not go together");
    return out;
  } catch (const cxxopts::exceptions::exception& error) {
    return base::refuse(base::Reason::Configuration, error.what());
  }
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
  if (out.host.starts_with('[') && out.host.ends_with(']')) out.host = out.host.substr(1, out.host.size() - 2);
  return out;
}

}  // namespace server
