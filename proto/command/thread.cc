// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/command/thread.h"

#include "proto/parser.h"
#include "proto/printer.h"
#include "proto/search/search_key_text.h"

namespace imap {

// RFC 5256 section 5: thread = "THREAD" SP thread-alg SP charset 1*(SP search-key)
ThreadCommand ThreadCommand::parse(Parser& parser) {
  ThreadCommand out;
  out.by_uid = parser.by_uid;
  parser.sp();
  const auto algorithm = thread_algorithm(parser.astring());
  if (!algorithm) parser.fail("a threading algorithm");
  out.algorithm = *algorithm;
  parser.sp();
  out.charset = parser.astring();
  if (out.charset.empty()) parser.fail("a charset");
  parser.sp();
  out.key = parse_search_keys(parser);
  parser.end();
  return out;
}

void ThreadCommand::print(Printer& printer) const {
  if (by_uid) printer.raw("UID ");
  printer.raw(kName).sp().raw(thread_algorithm_name(algorithm)).sp().astring(charset).sp();
  print_search_keys(printer, key);
}

}  // namespace imap
