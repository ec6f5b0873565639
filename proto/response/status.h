// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// STATUS (RFC 9051 section 7.3.4, RFC 7162, RFC 8438).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "proto/mailbox_name.h"
#include "proto/numbers.h"

namespace imap {

class Parser;
class Printer;

struct MailboxStatusResponse {
  MailboxName mailbox;
  std::string wire_name;  // as it came; not printed
  std::optional<std::uint64_t> messages, recent, unseen, deleted, size, append_limit;
  std::optional<Uid> uid_next;
  std::optional<UidValidity> uid_validity;
  std::optional<ModSeq> highest_modseq;  // 0 where the server keeps none
  std::optional<std::string> mailbox_id;

  static MailboxStatusResponse parse(Parser& parser);  // behind "* " and the name
  void print(Printer& printer) const;                  // with "* " and CRLF
  bool operator==(const MailboxStatusResponse&) const = default;
};

}  // namespace imap
