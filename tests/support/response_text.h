// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Responses as text, both ways: what a test of the grammar says in one line.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "proto/response.h"

namespace tests {

// Of the octets of one response with its literals, without the CRLF at its end.
imap::Response parse_response_text(std::string_view text);
std::string print_response_text(const imap::Response& response);  // likewise without it

// Throws std::bad_variant_access where the text is another response.
template <class T>
T response_as(std::string_view text) {
  return std::get<T>(parse_response_text(text));
}

// The text parses to the value, and the value prints as `printed` (empty: as the text), which parses to it again.
void expect_response(std::string_view text, const imap::Response& value, std::string_view printed = {});
// The text parses, prints as `printed` (empty: as the text), and that prints as itself.
void expect_response_reprints(std::string_view text, std::string_view printed = {});
void expect_no_response(std::initializer_list<std::string_view> texts);

}  // namespace tests
