// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Options: imapd's command line.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "proto/base/result.h"

namespace server {

struct Options {
  bool stdio = false;
  bool owner = false;  // started by a launcher: detached, leaves when idle
  int ready_fd = -1;   // one byte is written to it when the owner serves
  std::filesystem::path store;
  std::vector<std::string> listen;  // "unix:PATH", "tcp:HOST:PORT", "tls:HOST:PORT"
  bool listen_anywhere = false;
  std::string password_file;
  std::string tls_certificate, tls_key;
  std::string log_file;
  std::filesystem::path config;  // of the sync
  bool synchronise = false;      // there is a configuration, and its local side is this store
  bool wait = false;             // while another process owns the store
  bool verbose = false;
  bool debug = false;  // and log what the sync and its servers say
  std::chrono::seconds idle_exit{300};
  std::uint64_t literal_limit = 1ull << 30;
};

// Refuses with Usage or Configuration; prints and exits for --help and --version.
base::Result<Options> parse_options(int argc, char** argv);
int refuse_command_line(const base::Refusal& refusal);  // says it, returns the exit code

struct ListenAddress {
  enum class Kind : std::uint8_t { Unix, Tcp, Tls };
  Kind kind = Kind::Unix;
  std::string path, host, port;
};
base::Result<ListenAddress> parse_listen_address(const std::string& text);

}  // namespace server
