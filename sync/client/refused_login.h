// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A login that is refused: for a while, or for good (a wrong password).
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "proto/status_response.h"

namespace mirror {

// Limits and throttles, as servers say them: by code (RFC 5530) or, most of them, in words alone.
bool is_refused_for_a_while(const imap::StatusResponse& answer);

// Whatever is asked: too much was asked in too little time (Exchange; Gmail's "bandwidth limits"). No message is to
// blame.
bool is_throttled(const imap::StatusResponse& answer);

// "Suggested Backoff Time: 2500 milliseconds" (Exchange); nullopt: it suggests none. A day at most.
std::optional<std::chrono::milliseconds> suggested_pause(std::string_view text);

}  // namespace mirror
