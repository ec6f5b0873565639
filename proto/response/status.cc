// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/status.h"

#include <string>
#include <string_view>
#include <utility>

#include "proto/parser.h"
#include "proto/printer.h"
#include "proto/response/pass_over.h"

namespace imap {

namespace {

// `12kB`, `3.5`: no number, though it begins as one.
void end_number(const Parser& parser) {
  if (parser.peek() != ' ' && parser.peek() != ')') parser.fail("the end of a number");
}

std::uint64_t count(Parser& parser) {
  const auto out = parser.number64();
  end_number(parser);
  return out;
}

std::uint32_t number(Parser& parser) {
  const auto out = parser.number();
  end_number(parser);
  return out;
}

void take_item(Parser& parser, std::string_view name, MailboxStatusResponse& out) {
  if (name == "MAILBOXID") {
    std::string id;
    parser.list([&] { id = parser.word(); });
    out.mailbox_id = std::move(id);
  } else if (name == "MESSAGES") {
    out.messages = count(parser);
  } else if (name == "RECENT") {
    out.recent = count(parser);
  } else if (name == "UNSEEN") {
    out.unseen = count(parser);
  } else if (name == "DELETED") {
    out.deleted = count(parser);
  } else if (name == "SIZE") {
    out.size = count(parser);
  } else if (name == "APPENDLIMIT") {
    out.append_limit = count(parser);
  } else if (name == "UIDNEXT") {
    out.uid_next = Uid(number(parser));
  } else if (name == "UIDVALIDITY") {
    out.uid_validity = UidValidity(number(parser));
  } else if (name == "HIGHESTMODSEQ") {
    out.highest_modseq = ModSeq(count(parser));
  } else {
    parser.skip_value();
  }
}

}  // namespace

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
        take_or_pass_over(parser, [&](Parser& ahead) { take_item(ahead, name, out); });
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
