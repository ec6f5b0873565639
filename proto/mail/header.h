// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Header blocks (RFC 5322): fields, addresses, the envelope. Input is in wire form (CRLF), and never trusted.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/message_data.h"

namespace mail {

struct HeaderField {
  std::string_view name;   // as written, without white space before the colon; empty for a line that is no field
  std::string_view value;  // as written: behind the colon, folds and all, without the last CRLF
  std::string_view whole;  // with name, colon and every CRLF
};

// Calls f for each field of a block, in order; f returns whether to go on. Lines that are no fields come too.
void for_each_field(std::string_view header, const std::function<bool(const HeaderField&)>& f);

// The length of the header block at the beginning of a message, with the empty line that ends it.
std::size_t header_length(std::string_view message);

// A value's text in one line. For ENVELOPE and BODYSTRUCTURE: folds lose their line ends, white space at the beginning
// goes.
std::string unfold(std::string_view value);
std::string one_line(std::string_view value);  // for SEARCH: all white space stays but the one space behind the colon

imap::AddressList parse_addresses(std::string_view value);
std::string print_addresses(const imap::AddressList& addresses);  // as a header would have them; SEARCH looks there
imap::Envelope parse_envelope(std::string_view header);

// HEADER.FIELDS and HEADER.FIELDS.NOT: the fields (not) named, as written, and the empty line where the block has one.
std::string filter_header(std::string_view header, const std::vector<std::string>& names, bool others);

// Content-Type. What cannot be read has an empty type and subtype; its parameters are not looked at.
struct ContentType {
  std::string type, subtype;
  imap::Parameters parameters;  // continued ones (RFC 2231) joined
  bool is(std::string_view type, std::string_view subtype) const;
  const std::string* parameter(std::string_view name) const;
};
ContentType parse_content_type(std::string_view value);
std::optional<std::pair<std::string, imap::Parameters>> parse_disposition(std::string_view value);
std::string parse_transfer_encoding(std::string_view value);  // empty: none that can be read
std::vector<std::string> parse_languages(std::string_view value);

}  // namespace mail
