// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What postern says about itself: its commands, an example of each, versions.
#include <sysexits.h>

#include <cstdio>

#include "proto/base/version.h"
#include "proto/transport/library_versions.h"
#include "sync/cli/commands.h"
#include "sync/config/config_options.h"

namespace mirror {

namespace {

struct Help {
  const char* name;
  const char* arguments;
  const char* summary;  // one line of --help
  const char* more;
  const char* example;
};

constexpr Help kCommands[] = {
    {"sync", "[--json] [ACCOUNT ...] [MAILBOX ...]", "make both sides the same, once",
     "New messages, flags, expunges, mailboxes and subscriptions are carried both ways. A pass that is cut off is "
     "gone\n"
     "on with by the next one. Mail clients may be connected meanwhile. The first pass of an account shows what it\n"
     "would send, and asks; without a terminal it only fetches (--yes, first-sync).",
     "$ postern sync\n"
     "in sync, 3 messages fetched, 1 flag change pushed (13 mailboxes, 0.21 s, 701 B out, 9.4 kB in)"},
    {"plan", "[--json] [ACCOUNT ...]", "what postern sync would do",
     "Per mailbox and side: messages to copy, with octets, and to remove, flag changes, mailboxes to make, what is "
     "held\n"
     "and why. Changes nothing anywhere. The same as postern sync --dry-run.",
     "$ postern plan"},
    {"status", "[--json] [ACCOUNT ...]", "what the last pass did, and what is left",
     "Also what the background did (imapd, or postern.service). The exit status says whether something is left.",
     "$ postern status"},
    {"list", "[--json] [ACCOUNT ...]", "accounts, their mailboxes, and where each stands", "Asks no server.",
     "$ postern list work"},
    {"forget", "ACCOUNT", "give the mail of an account that was removed to the one without a prefix",
     "Until then what is below its prefix stays here and is sent nowhere.", "$ postern forget work"},
    {"verify", "[--json] [--all | --repair] [ACCOUNT ...]", "compare both sides message by message",
     "That each message has its twin, with the same text, flags and internal date. A text of the server that was\n"
     "compared once is not asked for again, but with --all. --repair looks at everything anew and makes right what "
     "has\n"
     "one right answer. Done once a day in the background too (verify-every); postern status tells what was found.",
     "$ postern verify\n"
     "$ postern verify --repair"},
    {"watch", "[ACCOUNT ...]", "keep accounts the same until a signal",
     "In the foreground, as a service runs it (postern-watch.service): several accounts, each by itself, with their\n"
     "hooks. Two foreign servers are kept the same by this process; where an account has the built-in store, its "
     "owner\n"
     "runs in this process's place, and does all accounts. It says what it does on standard error (-q, -v, --debug).\n"
     "Other commands work meanwhile.",
     "$ postern watch\n"
     "$ postern watch work"},
    {"doctor", "[--json] [ACCOUNT ...]", "what the remote server offers, and what follows from it",
     "Connects and logs in, and changes nothing. The first thing to run where a sync does not work.",
     "$ postern doctor\n"
     "$ postern --config other.conf doctor"},
    {"trace", "[ACCOUNT] [--seconds N]", "show what an account's connections say, as it happens",
     "Those of the store's owner, without passwords; texts of messages are shortened. Until Ctrl-C. --debug shows the\n"
     "same of one command.",
     "$ postern trace work --seconds 60"},
    {"init", "[SERVER | --from TOOL [FILE] | --from dovecot [FILE] [SERVER]]",
     "ask a few questions, try the login and write a configuration",
     "Writes ~/.config/postern/config, or what --config names; over a file that is there only after a yes.\n"
     "--from mbsync, offlineimap or interimap makes it from theirs, and names what it could not take over.\n"
     "--from dovecot uses the Maildir that `doveconf -n` names, as it lies.\n"
     "--account NAME writes accounts/NAME.conf beside it: one account more, with a --store of its own.",
     "$ postern init imaps://me@imap.example.org\n"
     "$ postern init --account work --store ~/Mail/work imaps://me@imap.work.example\n"
     "$ postern init --from mbsync"},
    {"repair", "[ACCOUNT] MAILBOX ...", "forget what is known of a mailbox and pair its messages anew",
     "For a mailbox of which what is known is wrong. The next pass pairs the messages that are the same on both sides\n"
     "and copies the others. No message is deleted.",
     "$ postern repair lists/postern\n"
     "$ postern sync"},
    {"delete", "[ACCOUNT] MAILBOX ...", "delete a mailbox on both sides",
     "First it says how many messages would go, and asks; where there is no terminal, nothing is deleted without\n"
     "--yes. What is below the mailbox stays. INBOX is not deleted.",
     "$ postern delete lists/old\n"
     "$ postern delete --yes lists/old"},
    {"allow", "[ACCOUNT] [MAILBOX ...]", "let the next pass remove what is held",
     "What is gone on one side, and was held, is removed on the other side too. Without a mailbox: all that is held.",
     "$ postern allow imap.example.org lists/old"},
    {"restore", "[ACCOUNT] [MAILBOX ...]", "copy back what is missing instead",
     "The next pass copies it to where it is missing.", "$ postern restore imap.example.org INBOX"},
    {"removed", "[--json]", "list messages that were removed and are kept",
     "Whatever a mail client or a pass removes is kept for 30 days (keep-removed) in the store, also deleted "
     "mailboxes.",
     "$ postern removed"},
    {"undo", "PASS | MESSAGE-ID | MAILBOX | --since TIME", "put removed messages back",
     "With flags, keywords and date. The next pass sends them to the server again.",
     "$ postern undo lists/old\n"
     "$ postern undo --since 2h"},
    {"why", "[--json] MESSAGE-ID | MAILBOX UID", "tell what became of a message, and by whom",
     "Where it came from, what it was paired with, who marked, copied, moved or removed it, as far back as the ledger\n"
     "goes (keep-ledger).",
     "$ postern why INBOX 14\n"
     "$ postern why 20261127.abc@example.org"},
    {"rename", "[ACCOUNT] OLD NEW", "rename a mailbox on both sides", "With what is below it. Nothing is copied again.",
     "$ postern rename lists/old archive/lists"},
    {"interimap", "[OPTION ...] [MAILBOX ...]", "take InterIMAP's command line",
     "InterIMAP's options, its configuration ($XDG_CONFIG_HOME/interimap/config) and its exit codes; also under the\n"
     "name interimap (libexec/postern/interimap), so that a unit's ExecStart needs only another path. Its two servers\n"
     "may both be foreign; --watch and --notify then keep them the same until a signal.",
     "$ postern interimap --watch=60\n"
     "$ postern interimap --target=remote --delete lists/old"},
    {"help", "COMMAND", "what a command does, with an example", "",
     "$ postern help sync\n"
     "$ postern help configuration"},
};

std::string usage(const Help& help) {
  return std::string(help.name) + (*help.arguments != 0 ? " " : "") + help.arguments;
}

void print_names(const char* where, const std::string& section) {
  std::printf("%s\n", where);
  for (const auto& name : option_names(section)) std::printf("  %s\n", name.c_str());
}

int print_configuration() {
  print_names("Before the first section:", "");
  print_names("In [local] and [remote]:", "remote");
  std::printf("\nman postern-config says what each means.\n");
  return 0;
}

}  // namespace

std::string command_list() {
  constexpr std::size_t kColumn = 22;
  std::string out = "Commands:\n";
  for (const auto& help : kCommands) {
    auto line = "  " + usage(help);
    line.resize(std::max(kColumn, line.size() + 2), ' ');
    out += line + help.summary + "\n";
  }
  return out;
}

std::string version_text() {
  return std::string("postern ") + base::version() + "\n" + transport::library_versions() + ", " +
         base::library_versions() + "\n";
}

int help_command(const CommandLine& line) {
  const auto& name = line.words.arguments.front();
  if (name == "configuration") return print_configuration();
  for (const auto& help : kCommands) {
    if (name != help.name) continue;
    std::printf("postern %s\n\n%s.\n", usage(help).c_str(), help.summary);
    if (*help.more != 0) std::printf("%s\n", help.more);
    std::printf("\n%s\n\nman postern has all options.\n", help.example);
    return 0;
  }
  std::fprintf(stderr, "postern: there is no command %s\nTry postern --help.\n", name.c_str());
  return EX_USAGE;
}

}  // namespace mirror
