// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/select.h"

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 9051 section 6.3.2 and 6.3.3, RFC 7162 section 3.1.8 and 3.2.5:
// select       = ("SELECT" / "EXAMINE") SP mailbox [SP "(" select-param *(SP select-param) ")"]
// select-param = "CONDSTORE" / "QRESYNC" SP "(" uid-validity SP mod-sequence-value [SP known-uids] [SP pairs] ")"
// pairs        = "(" known-sequence-set SP known-uid-set ")"   ; sets of numbers and ranges, no "*"
SelectCommand SelectCommand::parse(Parser& parser) {
  SelectCommand out;
  parser.sp();
  out.mailbox = parser.mailbox();
  if (parser.accept(' ') && !parser.at_end()) {
    parser.list([&] {
      if (parser.accept_word("CONDSTORE")) {
        out.condstore = true;
        return;
      }
      parser.expect_word("QRESYNC");
      parser.sp();
      parser.expect('(');
      parser.skip_spaces();
      auto& qresync = out.qresync.emplace();
      qresync.uid_validity = UidValidity(parser.nz_number());
      parser.sp();
      qresync.modseq = parser.mod_sequence_or_zero();
      bool pairs = parser.accept(' ') && parser.peek() != ')';
      if (pairs && parser.peek() != '(') {
        qresync.known_uids = parser.uid_set();
        pairs = parser.accept(' ') && parser.peek() != ')';
      }
      if (pairs) {
        parser.expect('(');
        parser.skip_spaces();
        auto numbers = parser.seq_set();
        parser.sp();
        qresync.known_pairs.emplace(std::move(numbers), parser.uid_set());
        parser.skip_spaces();
        parser.expect(')');
      }
      parser.skip_spaces();
      parser.expect(')');
    });
  }
  parser.end();
  return out;
}

void SelectCommand::print(Printer& printer) const {
  printer.raw(read_only ? "EXAMINE" : kName).sp().mailbox(mailbox);
  if (!condstore && !qresync) return;
  printer.raw(" (");
  if (condstore) printer.raw(qresync ? "CONDSTORE " : "CONDSTORE");
  if (qresync) {
    printer.raw("QRESYNC (").number(qresync->uid_validity.value).sp().number(qresync->modseq.value);
    if (qresync->known_uids) printer.sp().set(*qresync->known_uids);
    if (qresync->known_pairs)
      printer.raw(" (").set(qresync->known_pairs->first).sp().set(qresync->known_pairs->second).raw(")");
    printer.raw(")");
  }
  printer.raw(")");
}

}  // namespace imap
