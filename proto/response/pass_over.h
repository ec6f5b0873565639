// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// One value of a response that cannot be understood does not make the rest of its line worthless.
#pragma once

#include <utility>

#include "proto/parser.h"

namespace imap {

// What f reads, given the parser. Reading a server, a value that f does not understand is passed over: then the result
// is false, and what is behind it counts. f changes nothing of the response but by its end.
template <class F>
bool take_or_pass_over(Parser& parser, F f) {
  if (!parser.lenient) {
    f(parser);
    return true;
  }
  Parser ahead(parser);
  try {
    f(ahead);
    parser = std::move(ahead);
    return true;
  } catch (const SyntaxError&) {
    parser.skip_value();
    return false;
  }
}

}  // namespace imap
