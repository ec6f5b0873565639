// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// MIME: the parts of a message, with their places in it (offsets in octets on the wire), and their record in the index.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/message_data.h"
#include "proto/section.h"

namespace mail {

struct Part {
  std::uint64_t header_at = 0, header_size = 0;  // the part's own MIME header, with its empty line
  std::uint64_t body_at = 0, body_size = 0;
  imap::BodyStructure data;  // without children
  std::vector<Part>
      children;  // of a multipart; of message/rfc822: one, the message in it, whose header is the inner message's
};

// Reads a message in wire form, in pieces of any size; of its text it keeps a header at a time. Never fails: what
// cannot be understood is an empty type. Nesting and the number of parts are bounded.
class MimeParser {
 public:
  MimeParser();
  ~MimeParser();
  MimeParser(const MimeParser&) = delete;
  MimeParser& operator=(const MimeParser&) = delete;
  void give(std::string_view piece);
  Part finish();  // once

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};
Part parse_message(std::string_view message);

imap::BodyStructure to_body_structure(const Part& part);

struct SectionPlace {
  std::uint64_t offset = 0, size = 0;
  bool filtered = false;  // HEADER.FIELDS(.NOT): this is the header block to be filtered
};
std::optional<SectionPlace> locate(const Part& message, const imap::Section& section);  // nullopt: no such part

// Records of the index. A damaged record, and one of another version, decodes to nullopt.
std::string encode(const Part& part);
std::optional<Part> decode_part(std::string_view record);
std::string encode(const imap::Envelope& envelope);
std::optional<imap::Envelope> decode_envelope(std::string_view record);

}  // namespace mail
