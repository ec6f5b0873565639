// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Config: the INI file that says which two sides are kept the same. InterIMAP's options with their meaning, and ours
// (docs/configuration.md).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/base/log.h"
#include "proto/base/result.h"
#include "store/ledger.h"
#include "store/removed.h"
#include "sync/mode.h"
#include "sync/removals.h"
#include "sync/tool_state.h"

namespace mirror {

struct Proxy {  // SOCKS5
  std::string host, port, user;
  base::Secret password;
  bool resolves = false;  // names
  bool operator==(const Proxy&) const = default;
};

struct ServerConfig {
  enum class Type : std::uint8_t { Store, Imap, Imaps, Tunnel };
  Type type = Type::Imaps;
  std::string section;             // "local" or "remote", for messages
  std::filesystem::path path;      // Store
  std::string host = "localhost";  // without brackets
  std::string port;                // filled in
  std::string command;             // Tunnel
  bool null_stderr = false;
  bool start_tls = true;  // Imap
  std::vector<std::string> auth{"PLAIN", "LOGIN"};
  std::string username;
  base::Secret password;
  std::string password_command;
  std::chrono::seconds password_timeout{120};  // somebody may have to type
  std::optional<bool> compress;                // absent: where it helps
  std::string list_reference;                  // UTF-8
  std::optional<char> separator;               // Store: between the parts of a name, as another tool made directories
  bool verify = true;
  std::vector<std::string> fingerprints;
  std::string ca_file, ca_path, ciphers, cipher_suites, protocol_min, protocol_max;
  std::optional<Proxy> proxy;
  std::optional<std::string> tls_host_name;
  bool operator==(const ServerConfig&) const = default;

  // For a person: the host, or "the remote tunnel".
  std::string shown() const { return type == Type::Tunnel ? "the " + section + " tunnel" : host; }
  // Whose mail it is: who at which host and port, or which command. Empty: the built-in store.
  std::string identity() const;
};

// Commands that are told what a pass has brought (sync/hooks/hooks.h); empty: none.
struct HookCommands {
  std::string on_new, on_change, on_problem;
  bool desktop = false;              // notify-send
  std::chrono::seconds timeout{30};  // of each
  bool wants_arrivals() const { return !on_new.empty() || desktop; }
  bool wants_problems() const { return !on_problem.empty() || desktop; }
  bool operator==(const HookCommands&) const = default;
};

// What becomes of what is only here where nothing was ever agreed.
enum class FirstSync : std::uint8_t { Ask, Both, Fetch, Send };

struct Config {
  std::filesystem::path file;
  std::string name;                          // the account's: NAME of accounts/NAME.conf and [remote NAME], else the
                                             // state's without ".db"
  std::vector<std::string> others_prefixes;  // of other accounts on the same local side: never this one's mailboxes
  std::string database;                      // as written, or HOST.db: the account's name
  std::string identity;                      // whose mail the remote side is; empty: as its section says
  std::vector<std::string> list_mailbox;     // patterns in UTF-8, NUL for the delimiter; empty: all
  bool only_subscribed = false;              // list-select-opts SUBSCRIBED
  bool with_parents = false;                 // list-select-opts RECURSIVEMATCH: and what such a mailbox is below
  Mode mode = Mode::Both;
  std::vector<std::pair<std::string, Mode>> modes;  // of single mailboxes, or of what is below one (`lists/*`)
  FirstSync first_sync = FirstSync::Ask;            // what is only here, where nothing was ever agreed
  std::optional<bool> merge_different;              // two full mailboxes of which almost nothing is the same
  std::string ignore_mailbox;                       // PCRE2, on names in modified UTF-7 with NUL for the delimiter
  SwitchFrom switch_from;                           // what another synchroniser has left; read once
  std::string logfile;
  std::optional<std::string> log_prefix;   // sync/config/log_prefix.h
  std::chrono::seconds interval{60};       // between passes in the background that nothing asked for
  std::vector<std::string> idle{"INBOX"};  // mailboxes (as shown) of which a server is asked to tell changes at once
  Fuse fuse_here, fuse_there;              // of what a pass would remove on a side
  DeleteMailboxes delete_mailboxes = DeleteMailboxes::Ask;
  std::chrono::seconds missing_wait{60};  // in which a message whose file is gone may come back
  store::KeepRemoved keep_removed;
  store::KeepLedger keep_ledger;
  std::chrono::hours verify_every{24};  // in the background; 0: never
  HookCommands hooks;
  ServerConfig local, remote;
  bool operator==(const Config&) const = default;

  // Where what is agreed is kept when no side is the built-in store.
  std::filesystem::path journal_file() const;
};

inline bool is_pair(const Config& config) {  // of foreign servers
  return config.local.type != ServerConfig::Type::Store;
}

// --config FILE; else $XDG_CONFIG_HOME/postern/config; else $XDG_CONFIG_HOME/interimap/config. nullopt: there is none.
std::optional<std::filesystem::path> find_config(const std::string& given);
base::Result<Config> read_config(const std::filesystem::path& file);
// Refuses where it is not there, or cannot be read.
base::Result<std::string> read_config_text(const std::filesystem::path& file);
// The account without a name, or the first one.
base::Result<Config> parse_config(std::string_view text, const std::filesystem::path& file);
// The built-in store that a configuration is about which parse_config refuses; nullopt: that is the very thing that is
// wrong, or may be.
std::optional<std::filesystem::path> parse_store_of_wrong_config(std::string_view text);
// A sentence where the configuration holds a password and every user of this machine may read it; else empty.
std::string exposed_password(const Config& config);
// Changes with the file; empty: there is none.
std::string config_stamp(const std::filesystem::path& file);

std::filesystem::path default_store();                                                   // ~/Mail
bool is_same_directory(const std::filesystem::path& a, const std::filesystem::path& b);  // links followed

}  // namespace mirror
