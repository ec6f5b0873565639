// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/client/wire_trace.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <variant>

#include "proto/base/printable.h"

namespace mirror {

namespace {

constexpr std::size_t kLongestLine = 4000;

std::atomic<WireTrace> traced{WireTrace::Off};

void write(const base::Log& log, const std::string& line) {
  log.info(base::shortened(base::printable(line), kLongestLine));
}

// How many octets the literal has that "{12}" or "{12+}" before `end` announces; 0: it is none.
std::size_t announced_before(std::string_view text, std::size_t end) {
  const auto open = text.rfind('{', end);
  if (open == std::string_view::npos || end == 0 || text[end - 1] != '}') return 0;
  std::size_t octets = 0;
  const auto [stop, error] = std::from_chars(text.data() + open + 1, text.data() + end - 1, octets);
  const auto* last = text.data() + end - 1;
  return error == std::errc() && (stop == last || (stop + 1 == last && *stop == '+')) ? octets : 0;
}

}  // namespace

void set_wire_trace(WireTrace trace) { traced = trace; }

std::string without_literals(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = std::min(text.find("\r\n"), text.size());
    out += text.substr(0, end);
    const auto octets = announced_before(text, end);
    text.remove_prefix(std::min(end + 2, text.size()));
    if (octets == 0) continue;
    out += " [...]";
    text.remove_prefix(std::min(octets, text.size()));
  }
  return out;
}

void trace_sent(const base::Log& log, const imap::Command& command, std::string_view text) {
  const auto how = traced.load();
  if (how == WireTrace::Off) return;
  const bool secret =
      std::holds_alternative<imap::LoginCommand>(command) || std::holds_alternative<imap::AuthenticateCommand>(command);
  if (!secret || how == WireTrace::Whole) return write(log, "C: " + without_literals(text));
  const auto tag = text.substr(0, text.find(' '));
  const char* name = std::holds_alternative<imap::LoginCommand>(command) ? "LOGIN" : "AUTHENTICATE";
  write(log, "C: " + std::string(tag) + " " + name + " [REDACTED]");
}

void trace_sent(const base::Log& log, std::string_view text) {
  if (traced.load() != WireTrace::Off) write(log, "C: " + without_literals(text));
}

void trace_received(const base::Log& log, std::string_view text) {
  if (traced.load() != WireTrace::Off) write(log, "S: " + without_literals(text));
}

}  // namespace mirror
