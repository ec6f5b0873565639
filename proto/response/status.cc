// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/status.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// mailbox-data = "STATUS" SP mailbox SP "(" [status-att SP number *(SP status-att SP number)] ")"
MailboxStatusResponse MailboxStatusResponse::parse(Parser& parser) {
  MailboxStatusResponse out;
  parser.sp();
  out.wire_name = parser.astring();
  out.mailbox = MailboxName(decode_modified_utf7(out.wire_name).value_or(out.wire_name));
  parser.sp();
  parser.list(
      [&] {
        const auto name = parser.upper_atom();
        parser.sp();
        // "HIGHESTMODSEQ NIL": nothing is known of it; "APPENDLIMIT NIL": there is none.
        if ((parser.lenient || name == "APPENDLIMIT") && parser.accept_nil()) return;
        if (name == "MAILBOXID")
          parser.list([&] { out.mailbox_id = std::string(parser.word()); });
        else if (name == "MESSAGES")
          out.messages = parser.number64();
        else if (name == "RECENT")
          out.recent = parser.number64();
        else if (name == "UNSEEN")
          out.unseen = parser.number64();
        else if (name == "DELETED")
          out.deleted = parser.number64();
        else if (name == "SIZE")
          out.size = parser.number64();
        else if (name == "APPENDLIMIT")
          out.append_limit = parser.number64();
        else if (name == "UIDNEXT")
          out.uid_next = Uid(parser.number());
        else if (name == "UIDVALIDITY")
          out.uid_validity = UidValidity(parser.number());
        else if (name == "HIGHESTMODSEQ")
          out.highest_modseq = parser.mod_sequence_or_zero();
        else
          parser.skip_value();
      },
      true);
  return out;
}

void MailboxStatusResponse::print(Printer& printer) const {
  printer.raw("* STATUS ").mailbox(mailbox).raw(" (");
  bool first = true;
  const auto put = [&](std::string_view name, std::uint64_t value) {
    printer.raw(first ? "" : " ").raw(name).sp().number(value);
    first = false;
  };
  if (messages) put("MESSAGES", *messages);
  if (recent) put("RECENT", *recent);
  if (uid_next) put("UIDNEXT", uid_next->value);
  if (uid_validity) put("UIDVALIDITY", uid_validity->value);
  if (unseen) put("UNSEEN", *unseen);
  if (highest_modseq) put("HIGHESTMODSEQ", highest_modseq->value);
  if (size) put("SIZE", *size);
  if (deleted) put("DELETED", *deleted);
  if (append_limit) put("APPENDLIMIT", *append_limit);
  if (mailbox_id) printer.raw(first ? "MAILBOXID (" : " MAILBOXID (").raw(*mailbox_id).raw(")");
  printer.raw(")\r\n");
}

}  // namespace imap
