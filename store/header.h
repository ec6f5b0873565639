// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Header blocks (RFC 5322): fields, addresses, the envelope. Input is in wire form (CRLF), and never trusted.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/message_data.h"

namespace store {

struct HeaderField {
  std::string_view name;   // as written, without white space before the colon
  std::string_view value;  // as written: behind the colon, folds and all, without the last CRLF
  std::string_view whole;  // with name, colon and every CRLF
};

// Calls f for each field of a block, in order; f returns whether to go on. Lines that are no fields are passed over.
void for_each_field(std::string_view header, const std::function<bool(const HeaderField&)>& f);

// The length of the header block at the beginning of a message, with the empty line that ends it.
std::size_t header_length(std::string_view message);

std::string unfold(std::string_view value);  // one line: folds become a space, outer white space is cut

imap::AddressList parse_addresses(std::string_view value);
imap::Envelope parse_envelope(std::string_view header);

// HEADER.FIELDS and HEADER.FIELDS.NOT: the fields (not) named, as written, and an empty line.
std::string filter_header(std::string_view header, const std::vector<std::string>& names, bool others);

// "type/subtype; parameter=value": the text before the first ';' and the parameters, comments taken out, quoted strings
// opened.
struct ParameterizedValue {
  std::string value;
  imap::Parameters parameters;
};
ParameterizedValue parse_parameterized(std::string_view value);
std::string strip_comments(std::string_view value);

}  // namespace store
