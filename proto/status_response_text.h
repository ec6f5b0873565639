// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The text of status responses and their codes, read and written.
#pragma once

#include <optional>
#include <string_view>

#include "proto/status_response.h"

namespace imap {

class Parser;
class Printer;

StatusResponse parse_status_text(Parser& parser, StatusResponse::Kind kind);  // behind "OK": [SP "[" code "]"] SP text
std::optional<StatusResponse::Kind> status_kind(std::string_view word);
void print_code(Printer& printer, const ResponseCode& code);        // without brackets
void print_status(Printer& printer, const StatusResponse& status);  // "OK [code] text", without tag and CRLF

}  // namespace imap
