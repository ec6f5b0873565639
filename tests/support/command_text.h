// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Commands as text, both ways: what a test of the grammar says in one line.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/command.h"

namespace tests {

// The frames of these octets, literals included; the octets must hold whole lines, and none may be refused.
std::vector<imap::Frame> frames_of(std::string_view octets, imap::FramerLimits limits = {},
                                   imap::Framer::Side side = imap::Framer::Side::Server);
imap::Frame frame_of(std::string_view line);  // one line, without its CRLF

// All that the printer wrote, octets in files spliced in.
std::string print_text(std::string_view tag, const imap::Command& command,
                       imap::Printer::Literals literals = imap::Printer::Literals::NonSync);

// The command that "a " and this text are; nullopt where it is malformed.
std::optional<imap::Command> parse_text(std::string_view text);

// The text parses to the value, and the value prints as `printed` (empty: as the text), which parses to it again.
// Literals are printed as "{n+}".
void expect_both_ways(std::string_view text, const imap::Command& value, std::string_view printed = {});

// The text parses, prints as `printed` (empty: as the text), and that parses to an equal value.
void expect_reprints(std::string_view text, std::string_view printed = {});

// Malformed, each of them, with its tag and without a word of it in the text.
void expect_malformed(std::initializer_list<std::string_view> texts);

}  // namespace tests
