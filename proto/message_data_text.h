// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The text of ENVELOPE and BODYSTRUCTURE, read (printing is in printer.h).
#pragma once

#include "proto/message_data.h"

namespace imap {

class Parser;

Envelope parse_envelope(Parser& parser);
BodyStructure parse_body(Parser& parser);
std::uint64_t parse_count(Parser& parser);  // a number; NIL or in quotes where the parser is lenient

}  // namespace imap
