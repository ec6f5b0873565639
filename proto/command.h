// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Command: all that a client can say. parse_command and print are one grammar in two directions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "proto/command/append.h"
#include "proto/command/authenticate.h"
#include "proto/command/capability.h"
#include "proto/command/check.h"
#include "proto/command/close.h"
#include "proto/command/compress.h"
#include "proto/command/copy.h"
#include "proto/command/create.h"
#include "proto/command/delete.h"
#include "proto/command/enable.h"
#include "proto/command/expunge.h"
#include "proto/command/fetch.h"
#include "proto/command/id.h"
#include "proto/command/idle.h"
#include "proto/command/list.h"
#include "proto/command/login.h"
#include "proto/command/logout.h"
#include "proto/command/lsub.h"
#include "proto/command/move.h"
#include "proto/command/namespace.h"
#include "proto/command/noop.h"
#include "proto/command/rename.h"
#include "proto/command/search.h"
#include "proto/command/select.h"
#include "proto/command/sort.h"
#include "proto/command/starttls.h"
#include "proto/command/status.h"
#include "proto/command/store.h"
#include "proto/command/subscribe.h"
#include "proto/command/thread.h"
#include "proto/command/unselect.h"
#include "proto/command/unsubscribe.h"
#include "proto/frame.h"
#include "proto/printer.h"

namespace imap {

using Command =
    std::variant<AppendCommand, AuthenticateCommand, CapabilityCommand, CheckCommand, CloseCommand, CompressCommand,
                 CopyCommand, CreateCommand, DeleteCommand, EnableCommand, ExpungeCommand, FetchCommand, IdCommand,
                 IdleCommand, ListCommand, LoginCommand, LogoutCommand, LsubCommand, MoveCommand, NamespaceCommand,
                 NoopCommand, RenameCommand, SearchCommand, SelectCommand, SortCommand, StarttlsCommand, StatusCommand,
                 StoreCommand, SubscribeCommand, ThreadCommand, UnselectCommand, UnsubscribeCommand>;

struct TaggedCommand {
  std::string tag;
  Command command;
};

// A frame that is no command: what was wrong, and the tag if one could be read (else "*").
struct MalformedCommand {
  std::string tag;
  std::string name;           // upper case, "" if none could be read
  std::string text;           // for the answer's text: what was expected, at which offset; never the offending octets
  bool invalid_name = false;  // all that is wrong is a mailbox name: NO, not BAD
};

// UID FETCH and FETCH are one command; EXAMINE is SELECT; XLIST and other unknown words are malformed.
// LOGIN's and AUTHENTICATE's arguments never show in a text.
std::variant<TaggedCommand, MalformedCommand> parse_command(const Frame& frame);

void print(Printer& printer, std::string_view tag, const Command& command);  // with CRLF
std::string_view command_name(const Command& command);
States command_states(const Command& command);

}  // namespace imap
