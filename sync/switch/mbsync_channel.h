// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What a channel of mbsync says of directions, removals and new mailboxes: as our mode, and what has no place here.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sync/switch/mbsync_lines.h"

namespace mirror::mbsync {

struct ChannelRules {
  bool is_off = false;                             // it synchronises nothing
  std::string mode = "both";                       // the nearest one
  bool keeps_mailboxes = false;                    // Remove None, said in so many words
  std::vector<std::pair<Line, std::string>> lost;  // a line (the channel's head, where none says it), and why
};

// all: what stands before any section, and holds where the channel says nothing.
ChannelRules rules_of(const Section& all, const Section& channel);

}  // namespace mirror::mbsync
