// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/cli/output.h"

#include <unistd.h>

#include <cstdio>

#include "proto/base/printable.h"

namespace mirror {

TerminalOutput::TerminalOutput(bool quiet) : quiet_(quiet), shows_(!quiet && ::isatty(STDERR_FILENO) != 0) {}

void TerminalOutput::say(const std::string& text) {
  clear();
  if (!quiet_) std::printf("%s\n", base::printable(text).c_str());
}

void TerminalOutput::complain(const std::string& text) {
  clear();
  std::fprintf(stderr, "postern: %s\n", base::printable(text).c_str());
}

void TerminalOutput::show_progress(const std::string& text) {
  if (!shows_) return;
  std::fprintf(stderr, "\r\033[K%s", base::printable(text).c_str());
  shown_ = true;
}

void TerminalOutput::clear() {
  if (shown_) std::fputs("\r\033[K", stderr);
  shown_ = false;
}

void KeptOutput::give_to(CommandOutput& output, const std::string& prefix) const {
  for (const auto& [complaint, text] : lines_)
    if (complaint)
      output.complain(prefix + text);
    else
      output.say(prefix + text);
}

}  // namespace mirror
