// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// VANISHED (RFC 7162 section 3.2.10).
#pragma once

#include "proto/sequence_set.h"

namespace imap {

class Parser;
class Printer;

struct VanishedResponse {
  bool earlier = false;
  UidSet uids;

  static VanishedResponse parse(Parser& parser);  // behind "* " and the name
  void print(Printer& printer) const;             // with "* " and CRLF
  bool operator==(const VanishedResponse&) const = default;
};

}  // namespace imap
