// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What the index keeps of messages' contents. DO NOT CHANGE what is written here: it is on users' disks; a new version
// of a record gets a new first byte, and what follows a record's last field is a later version's.
//
// A content is a message's text, as it goes over the wire (CRLF): whatever line ends its file has. The content's id is
// the SHA-256 of those octets. A content has a number, given in the order in which contents become known, so that
// neighbours in a mailbox are neighbours in the index; a number is never given twice. Copies of a message, and equal
// messages, have one content. In the table Rows:
//   'c' <id> <uid:4>    content link: the number of a message's content, and which file it was read from
//   'k' <number:8>      content record: id and size, where the whole text was read
//   'i' <sha256:32>     number of the content with this id, a varint
//   'm'                 numbers below this one may have been given, in digits
//   'o'                 the last opening (keys.h, 'n') by a program that knows contents, in digits
//   'w'                 contents without a message may be in the index; no value
// In the table Content, made again from files where missing:
//   'E' | 'H' | 'S' <number:8>  envelope, header block, structure (proto/mail/mime_record.cc)
//   'O' | 'T' | 'F' <number:8>  what SORT orders by, what THREAD links by, folded texts for SEARCH
//                               (proto/mail/sort_keys_record.cc); programs of before know nothing of these, and leave
//                               those of a content that they sweep
//   'R' <id> <key:1>            column of ranks (store/mailbox/search/rank_record.h), of a mailbox that was sorted
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/index/keys.h"

namespace store::keys {

using ContentNumber = std::uint64_t;  // 0: none

// Tells whether a file is still the one that was read.
struct FileStamp {
  std::uint64_t size = 0;
  std::int64_t modified = 0;  // ns
  std::uint64_t inode = 0;
  bool operator==(const FileStamp&) const = default;
};

struct ContentLink {
  ContentNumber number = 0;
  FileStamp file;
  bool operator==(const ContentLink&) const = default;
};
std::string encode(const ContentLink& link);
std::optional<ContentLink> decode_content_link(std::string_view value);

struct ContentRecord {
  std::string sha256;           // 32 octets; empty: not known
  std::uint64_t wire_size = 0;  // where the id is known
  bool operator==(const ContentRecord&) const = default;
};
std::string encode(const ContentRecord& record);
std::optional<ContentRecord> decode_content_record(std::string_view value);

enum class ContentPart : char {
  Envelope = 'E',
  Header = 'H',
  Structure = 'S',
  SortTexts = 'O',
  ThreadKeys = 'T',
  SearchTexts = 'F'
};
constexpr ContentPart kContentParts[] = {ContentPart::Envelope,  ContentPart::Header,     ContentPart::Structure,
                                         ContentPart::SortTexts, ContentPart::ThreadKeys, ContentPart::SearchTexts};

std::string content_link(std::string_view id, imap::Uid uid);
std::string content_link_prefix(std::string_view id);
std::string content_record(ContentNumber number);
std::string content_part(ContentPart part, ContentNumber number);
std::string content_number(std::string_view sha256);
std::string rank_column(std::string_view id, char key);
std::string rank_column_prefix(std::string_view id);
std::string numbers_given();
std::string contents_opening();
std::string sweep_wanted();

std::string encode_number(ContentNumber number);  // the value of content_number()
std::optional<ContentNumber> decode_number(std::string_view value);
std::optional<ContentNumber> number_at_end(std::string_view key);  // of a content_record() or content_part() key

}  // namespace store::keys
