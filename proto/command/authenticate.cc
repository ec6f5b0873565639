// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/authenticate.h"

#include "proto/base64.h"
#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

// RFC 9051 section 6.2.2, RFC 4959: authenticate = "AUTHENTICATE" SP auth-type [SP (base64 / "=")]
AuthenticateCommand AuthenticateCommand::parse(Parser& parser) {
  AuthenticateCommand out;
  parser.sp();
  out.mechanism = parser.upper_atom();
  if (parser.accept(' ') && !parser.at_end()) {
    if (parser.accept('=')) {
      out.initial.emplace();
    } else {
      auto decoded = decode_base64(parser.rest());
      if (!decoded) parser.fail("base64");
      out.initial = std::move(*decoded);
      parser.skip(parser.rest().size());
    }
  }
  parser.end();
  return out;
}

void AuthenticateCommand::print(Printer& printer) const {
  printer.raw(kName).sp().raw(mechanism);
  if (initial) printer.sp().raw(initial->empty() ? "=" : encode_base64(*initial));
}

}  // namespace imap
