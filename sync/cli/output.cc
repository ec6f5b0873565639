// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/cli/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "proto/base/printable.h"

namespace mirror {

namespace {

constexpr std::size_t kColumns = 80;  // of a terminal that does not say

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

bool is_utf8_locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (const auto value = variable(name); !value.empty())
      return value.find("UTF-8") != value.npos || value.find("utf8") != value.npos || value.find("utf-8") != value.npos;
  return false;
}

bool can_overwrite() {
  const auto terminal = variable("TERM");
  return ::isatty(STDERR_FILENO) != 0 && !terminal.empty() && terminal != "dumb";
}

std::size_t columns() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return kColumns;
}

}  // namespace

std::string shown_on(int descriptor, const std::string& text) {
  auto out = base::printable(text);
  if (::isatty(descriptor) == 0 || is_utf8_locale()) return out;
  std::erase_if(out, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; });
  std::ranges::replace_if(out, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return out;
}

TerminalOutput::TerminalOutput(bool quiet) : quiet_(quiet), shows_(!quiet && can_overwrite()) {}

void TerminalOutput::say(const std::string& text) {
  clear();
  if (!quiet_) std::printf("%s\n", shown_on(STDOUT_FILENO, text).c_str());
}

void TerminalOutput::complain(const std::string& text) {
  clear();
  std::fprintf(stderr, "postern: %s\n", shown_on(STDERR_FILENO, text).c_str());
}

void TerminalOutput::say_beside(const std::string& text) {
  clear();
  std::fprintf(stderr, "%s\n", shown_on(STDERR_FILENO, text).c_str());
}

void KeptOutput::say_beside(const std::string& text) {
  std::fprintf(stderr, "%s\n", shown_on(STDERR_FILENO, text).c_str());
}

// In the last column nothing is written: some terminals go to the next line there.
void TerminalOutput::show_progress(const ProgressReport& report) {
  if (!shows_) return;
  const auto line = line_.show(report, columns() - 1);
  if (line.empty()) return;
  std::fprintf(stderr, "\r\033[K%s", shown_on(STDERR_FILENO, line).c_str());
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
