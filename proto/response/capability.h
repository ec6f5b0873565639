// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// CAPABILITY (RFC 9051 section 7.2.2).
#pragma once

#include <string>
#include <vector>

namespace imap {

class Parser;
class Printer;

struct CapabilityResponse {
  std::vector<std::string> capabilities;  // as written, IMAP4rev1 among them

  static CapabilityResponse parse(Parser& parser);  // behind "* " and the name
  void print(Printer& printer) const;               // with "* " and CRLF
  bool operator==(const CapabilityResponse&) const = default;
};

}  // namespace imap
