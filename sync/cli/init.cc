// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern init: asks for what the command line does not say, tries the login, and writes a configuration.
#include "sync/cli/init.h"

#include <sysexits.h>

#include <cstdio>
#include <iostream>

#include "proto/base/files.h"
#include "proto/base/printable.h"
#include "sync/cli/questions.h"
#include "sync/config/server_address.h"
#include "sync/imap/imap_replica.h"
#include "sync/switch/local_mail.h"

namespace mirror {

namespace {

namespace fs = std::filesystem;

fs::path default_file() {
  const char* value = std::getenv("XDG_CONFIG_HOME");
  if (value != nullptr && *value == '/') return fs::path(value) / "postern" / "config";
  return default_store().parent_path() / ".config" / "postern" / "config";
}

// A path as it is written: ~ is the home directory.
fs::path expanded(const std::string& path) {
  if (path == "~" || path.starts_with("~/"))
    return default_store().parent_path() / path.substr(std::min<std::size_t>(2, path.size()));
  return fs::absolute(path);
}

// The first of FILE.before, FILE.before-2 ... that is free.
fs::path kept_name(const fs::path& file) {
  for (int n = 1;; ++n) {
    fs::path out = file.string() + ".before" + (n == 1 ? "" : "-" + std::to_string(n));
    std::error_code error;
    if (!fs::exists(fs::symlink_status(out, error))) return out;
  }
}

// How to go on where a directory holds several accounts, each a store of its own, and nobody can be asked.
void say_how(const std::string& path, const LocalMail& found) {
  std::cout << path << " holds the mail of several accounts, each a store of its own:\n";
  for (const auto& one : found.accounts) std::cout << "  " << one.string() << '\n';
  if (const auto theirs = tool_config_file(found.tool); !theirs.empty())
    std::cout << "All of them at once, as " << found.tool << " has them in " << theirs.string()
              << ": postern init --from " << (found.tool == "OfflineIMAP" ? "offlineimap" : "mbsync") << '\n';
  if (is_on_terminal()) return;
  std::cout << "Each needs a configuration:\n";
  for (const auto& one : found.accounts)
    std::cout << "  postern init --account " << one.filename().string() << " --store " << one.string() << " SERVER\n";
}

// One of them. Empty: none was chosen.
std::string choose_store(const std::string& path) {
  if (!is_on_terminal()) return {};
  const auto chosen = ask("Which of them is this account's (another directory may be named too)", "");
  return chosen.find('/') == std::string::npos && !chosen.empty() ? (fs::path(path) / chosen).string() : chosen;
}

struct Answers {
  std::string path, user, password_command;
  ServerAddress server;
  base::Secret password;
};

// Refuses (Usage) where something is missing that nobody answers.
base::Result<Answers> answers_of(const CommandLine& line, std::string path) {
  const auto& given = line.init;
  Answers out;
  out.path = std::move(path);
  const auto& words = line.words.arguments;
  const auto server = words.empty() ? ask("The IMAP server", "") : words.front();
  if (server.empty()) return base::refuse(base::Reason::Usage, "without a server there is nothing to write");
  const auto address = parse_server_address(server);
  if (!address) return std::unexpected(address.error());
  out.server = *address;
  out.user = !given.user.empty() ? given.user : address->user;
  if (out.user.empty()) out.user = ask("The user name there", "");
  if (out.user.empty()) return base::refuse(base::Reason::Usage, "without a user name there is nothing to write");
  out.password_command = given.password_command;
  if (out.password_command.empty())
    out.password_command = ask("A command that prints the password (pass show mail, secret-tool lookup ...)", "");
  if (out.password_command.empty() && is_on_terminal())
    out.password = ask_secretly("The password, to be written into the file (nothing: it is written later)");
  return out;
}

// Whether a server is named, and nothing says who is to log in there.
bool lacks_user(const CommandLine& line) {
  if (!line.init.from.empty() || line.words.arguments.empty() || !line.init.user.empty()) return false;
  const auto address = parse_server_address(line.words.arguments.front());
  return !address || address->user.empty();
}

std::string text_of(const Answers& answers) {
  const auto& server = answers.server;
  std::string out =
      "# Written by postern init. man postern-config has all options.\n"
      "\n[local]\n# A Maildir that is there is used as it lies.\npath = " +
      answers.path + "\n\n[remote]\n# imaps: TLS from the first octet; imap: STARTTLS.\ntype = " + server.type +
      "\nhost = " + server.host + '\n' + (server.port.empty() ? "" : "port = " + server.port + '\n') +
      "username = " + answers.user + '\n';
  if (!answers.password_command.empty()) return out + "password-command = " + answers.password_command + '\n';
  if (!answers.password.empty())
    return out + "# Better not in a file: password-command = a command that prints it.\npassword = " +
           answers.password.reveal() + '\n';
  return out + "# password-command = a command that prints the password\n";
}

void tell_local(const Config& config) {
  const auto found = look_at_local_mail(config.local.path);
  if (found.messages == 0) {
    std::cout << "Here: " << config.local.path.string() << " holds no mail yet; all is fetched\n";
    return;
  }
  std::cout << "Here: " << config.local.path.string() << " holds " << found.messages << " messages in "
            << found.mailboxes << " mailboxes" << (found.tool.empty() ? "" : ", as " + found.tool + " has left them")
            << "; they are used as they lie, and what is on both sides is not copied\n";
}

void tell_remote(const Config& config, const std::vector<ReplicaEntry>& entries) {
  std::uint64_t messages = 0, mailboxes = 0;
  std::string names;
  for (const auto& one : entries) {
    if (!one.exists) continue;
    if (one.state) messages += one.state->messages;
    if (++mailboxes <= 20) names += "\n  " + base::printable(one.path.shown());
  }
  std::cout << "There: " << config.remote.shown() << " has " << messages << " messages in " << mailboxes
            << " mailboxes:" << names << (mailboxes > 20 ? "\n  ..." : "") << '\n';
}

}  // namespace

int try_account(const Config& config) {
  tell_local(config);
  transport::WorkerPool workers(1);
  GivenPassword given;
  std::vector<ReplicaEntry> entries;
  const auto work = [&]() -> asio::awaitable<void> {
    ImapReplicaUse use;
    use.given = &given;
    use.workers = &workers;
    const auto remote = make_imap_replica(config.remote, std::move(use));
    entries = co_await remote->list();
    co_await remote->finish();
  };
  try {
    run_to_end(work(), workers);
  } catch (const Failure& failure) {
    std::fflush(stdout);
    return complain({failure.reason, failure.what()});
  }
  tell_remote(config, entries);
  return 0;
}

bool may_write(const fs::path& file, const CommandLine& line) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(file, error)) || line.yes) return true;
  if (ask_yes(file.string() + " is there already. Write another one in its place (it is kept as " +
              kept_name(file).string() + ")?"))
    return true;
  std::fprintf(stderr, "postern: %s is there already; it is not overwritten\n", file.c_str());
  return false;
}

void write_config(const fs::path& file, const std::string& text) {
  base::make_directories(file.parent_path());
  if (base::read_file_if_exists(file) != text) base::rename_if_exists(file, kept_name(file));
  base::replace_file(file, text);
  std::cout << "Written: " << file.string() << '\n';
}

namespace {

// The configuration that is written: a file, or accounts/NAME.conf beside it.
base::Result<fs::path> file_to_write(const CommandLine& line) {
  const auto file = line.config.empty() ? default_file() : fs::absolute(line.config);
  const auto& name = line.init.account;
  if (name.empty()) return file;
  if (file.filename() != "config")
    return base::refuse(base::Reason::Usage, "--account writes accounts/" + name +
                                                 ".conf beside a configuration that is called config, and not beside " +
                                                 file.string());
  if (name.find('/') != std::string::npos || name.starts_with('.') || !line.init.from.empty())
    return base::refuse(base::Reason::Usage, "--account takes a name such as work, and no --from");
  return file.parent_path() / "accounts" / (name + ".conf");
}

}  // namespace

int init_one(const CommandLine& line, const fs::path& file, std::string path) {
  const auto answers = answers_of(line, std::move(path));
  if (!answers) return complain(answers.error());
  const auto text = text_of(*answers);
  const auto config = parse_config(text, file);
  if (!config) return complain(config.error());
  if (answers->password_command.empty() && answers->password.empty())
    std::cout << "The login is not tried, since there is no password yet\n";
  else if (const int code = try_account(*config);
           code != 0 && !line.yes && !ask_yes("The login has failed. Write the configuration all the same?"))
    return code;
  write_config(file, text);
  std::cout << "Now: postern doctor, then postern sync\n";
  return 0;
}

int init_command(const CommandLine& line) {
  const auto file = file_to_write(line);
  if (!file) return complain(file.error());
  if (!may_write(*file, line)) return lacks_user(line) ? EX_USAGE : EX_CANTCREAT;
  if (line.init.from == "dovecot") return init_from_dovecot(line, *file);
  if (!line.init.from.empty()) return init_from(line, *file);
  const auto& given = line.init.store;
  auto path = given.empty() ? ask("Where is, or will be, the local mail", default_store().string()) : given;
  if (const auto found = look_at_local_mail(expanded(path)); !found.accounts.empty()) {
    say_how(path, found);
    if (line.init.account.empty() && line.words.arguments.empty() &&
        ask_yes("Write an account for each of them (each is asked for)?"))
      return init_accounts(*file, found.accounts);
    path = choose_store(path);
    if (path.empty())
      return complain({base::Reason::Usage, "name one of these directories: --store DIR; nothing is written"});
  }
  return init_one(line, *file, std::move(path));
}

}  // namespace mirror
