// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Message-ID of a header block; enough to tell messages apart.
#pragma once

#include <string>
#include <string_view>

#include "proto/literal.h"

namespace mail {

// The header block of a message in wire form, with the last field's CRLF; of a huge one its first MiB.
std::string header_of(const imap::Literal& text);

std::string message_id_of(std::string_view header);  // without white space; empty: there is none

}  // namespace mail
