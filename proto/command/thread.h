// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// THREAD and UID THREAD (RFC 5256 section 3).
#pragma once

#include <string>
#include <string_view>

#include "proto/command_state.h"
#include "proto/search/search_key.h"
#include "proto/search/threads.h"

namespace imap {

class Parser;
class Printer;

struct ThreadCommand {
  static constexpr std::string_view kName = "THREAD";
  static constexpr States kStates = kSelected;

  bool by_uid = false;  // UID THREAD: the answer speaks in UIDs
  ThreadAlgorithm algorithm = ThreadAlgorithm::References;
  std::string charset;
  SearchKey key;

  static ThreadCommand parse(Parser& parser);
  void print(Printer& printer) const;
  bool operator==(const ThreadCommand&) const = default;
};

}  // namespace imap
