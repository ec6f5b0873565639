// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// THREAD (RFC 5256 section 4).
// No client of ours asks for it: to parse_response() it is unknown.
#pragma once

#include "proto/search/threads.h"

namespace imap {

class Parser;
class Printer;

struct ThreadResponse {
  Threads threads;

  static ThreadResponse parse(Parser& parser);  // behind "* " and the name
  void print(Printer& printer) const;           // with "* " and CRLF
  bool operator==(const ThreadResponse&) const = default;
};

}  // namespace imap
