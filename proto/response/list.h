// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// LIST and LSUB (RFC 9051 section 7.3.1, RFC 5258).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proto/mailbox_name.h"

namespace imap {

class Parser;
class Printer;

struct ListResponse {
  bool lsub = false;                    // LSUB (RFC 3501 section 7.2.3)
  std::vector<std::string> attributes;  // "\HasChildren", ...
  std::optional<char> delimiter;        // absent: NIL
  MailboxName name;                     // decoded; where the text is no valid modified UTF-7, its octets as they came
  std::string wire_name;                // as it came, for speaking of it to the same server; not printed
  std::vector<std::string> child_info;  // CHILDINFO (RFC 5258)

  static ListResponse parse(Parser& parser);  // behind "* " and the name
  void print(Printer& printer) const;         // with "* " and CRLF
  bool operator==(const ListResponse&) const = default;
};

}  // namespace imap
