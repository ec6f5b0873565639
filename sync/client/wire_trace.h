// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What is said between us and IMAP servers, line by line, into the log: a process-wide setting, off unless somebody
// asks (postern interimap --debug). Literals are left out, so no message is in it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/base/log.h"
#include "proto/command.h"

namespace mirror {

enum class WireTrace : std::uint8_t {
  Off,
  Redacted,  // of LOGIN and AUTHENTICATE only the names
  Whole,     // also these, with the password
};

void set_wire_trace(WireTrace trace);

void trace_sent(const base::Log& log, const imap::Command& command, std::string_view text);
void trace_sent(const base::Log& log, std::string_view text);  // no secret is in it
void trace_received(const base::Log& log, std::string_view text);

// Without the octets of its literals: "{12} [...]".
std::string without_literals(std::string_view text);

}  // namespace mirror
