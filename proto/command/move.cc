// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/move.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 6851: move = "MOVE" SP sequence-set SP mailbox, also as UID MOVE
MoveCommand MoveCommand::parse(Parser& parser) {
  parser.sp();
  MoveCommand out;
  out.messages.set = parser.sequence_set();
  parser.sp();
  out.mailbox = parser.mailbox();
  parser.end();
  return out;
}

void MoveCommand::print(Printer& printer) const {
  if (messages.by == MessageSet::By::Uid) printer.raw("UID ");
  printer.raw(kName).sp().sequence_set(messages.set).sp().mailbox(mailbox);
}

}  // namespace imap
