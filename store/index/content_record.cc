// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/index/content_record.h"

#include "store/index/record_octets.h"

namespace store::keys {

namespace {

constexpr char kVersion = 1;
constexpr std::size_t kDigestSize = 32;

std::string numbered(char kind, ContentNumber number) {
  std::string out(1, kind);
  put_big_endian(out, number);
  return out;
}

}  // namespace

std::string encode(const ContentLink& link) {
  std::string out(1, kVersion);
  base::put_varint(out, link.number);
  base::put_varint(out, link.file.size);
  base::put_varint(out, zigzag(link.file.modified));
  base::put_varint(out, link.file.inode);
  return out;
}

std::optional<ContentLink> decode_content_link(std::string_view value) {
  if (!value.starts_with(kVersion)) return std::nullopt;
  RecordReader in{value.substr(1)};
  ContentLink out;
  out.number = in.varint();
  out.file.size = in.varint();
  out.file.modified = unzigzag(in.varint());
  out.file.inode = in.varint();
  if (!in.good || out.number == 0) return std::nullopt;
  return out;
}

std::string encode(const ContentRecord& record) {
  std::string out(1, kVersion);
  base::put_varint(out, record.sha256.size());
  out += record.sha256;
  base::put_varint(out, record.wire_size);
  return out;
}

std::optional<ContentRecord> decode_content_record(std::string_view value) {
  if (!value.starts_with(kVersion)) return std::nullopt;
  RecordReader in{value.substr(1)};
  ContentRecord out;
  out.sha256 = in.text();
  out.wire_size = in.varint();
  if (!in.good || (!out.sha256.empty() && out.sha256.size() != kDigestSize)) return std::nullopt;
  return out;
}

std::string content_link_prefix(std::string_view id) { return std::string(1, 'c').append(id); }
std::string content_link(std::string_view id, imap::Uid uid) {
  auto out = content_link_prefix(id);
  put_big_endian(out, uid.value);
  return out;
}
std::string content_record(ContentNumber number) { return numbered('k', number); }
std::string content_part(ContentPart part, ContentNumber number) { return numbered(static_cast<char>(part), number); }
std::string content_number(std::string_view sha256) { return std::string(1, 'i').append(sha256); }
std::string rank_column_prefix(std::string_view id) { return std::string(1, 'R').append(id); }
std::string rank_column(std::string_view id, char key) { return rank_column_prefix(id) + key; }
std::string numbers_given() { return "m"; }
std::string contents_opening() { return "o"; }
std::string sweep_wanted() { return "w"; }

std::string encode_number(ContentNumber number) {
  std::string out;
  base::put_varint(out, number);
  return out;
}

std::optional<ContentNumber> decode_number(std::string_view value) {
  RecordReader in{value};
  const auto out = in.varint();
  if (!in.good || out == 0) return std::nullopt;
  return out;
}

std::optional<ContentNumber> number_at_end(std::string_view key) {
  if (key.size() != 1 + sizeof(ContentNumber)) return std::nullopt;
  return get_big_endian<ContentNumber>(key.substr(1));
}

}  // namespace store::keys
