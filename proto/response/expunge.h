// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// EXPUNGE (RFC 9051 section 7.5.1).
#pragma once

#include "proto/numbers.h"

namespace imap {

class Parser;
class Printer;

struct ExpungeResponse {
  SeqNum number;

  static ExpungeResponse parse(Parser& parser);  // behind "* " and the name
  void print(Printer& printer) const;            // with "* " and CRLF
  bool operator==(const ExpungeResponse&) const = default;
};

}  // namespace imap
