// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/copy.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 9051 section 6.4.7: copy = "COPY" SP sequence-set SP mailbox, also as UID COPY
CopyCommand CopyCommand::parse(Parser& parser) {
  parser.sp();
  CopyCommand out;
  out.messages.set = parser.sequence_set();
  parser.sp();
  out.mailbox = parser.mailbox();
  parser.end();
  return out;
}

void CopyCommand::print(Printer& printer) const {
  if (messages.by == MessageSet::By::Uid) printer.raw("UID ");
  printer.raw(kName).sp().sequence_set(messages.set).sp().mailbox(mailbox);
}

}  // namespace imap
