// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/index/keys.h"

#include <cstdlib>

#include "store/index/record_octets.h"

namespace store::keys {

namespace {

constexpr char kVersion = 1;
constexpr char kRowOfForeignFile = 2;  // version of a row's record that says more of its file
constexpr char kGrowing = 1, kCounted = 2, kElsewhere = 4;

std::string prefixed(char kind, std::string_view id) {
  std::string out(1, kind);
  out += id;
  return out;
}

std::string with_uid(char kind, std::string_view id, imap::Uid uid) {
  auto out = prefixed(kind, id);
  put_big_endian(out, uid.value);
  return out;
}

}  // namespace

std::string mailbox(std::string_view id) { return prefixed('b', id); }
std::string row(std::string_view id, imap::Uid uid) { return with_uid('r', id, uid); }
std::string row_prefix(std::string_view id) { return prefixed('r', id); }
std::string gone_prefix(std::string_view id) { return prefixed('g', id); }
std::string gone(std::string_view id, imap::ModSeq modseq, imap::Uid uid) {
  auto out = gone_prefix(id);
  put_big_endian(out, modseq.value);
  put_big_endian(out, uid.value);
  return out;
}
std::string doomed(std::string_view id, imap::Uid uid) { return with_uid('d', id, uid); }
std::string doomed_prefix(std::string_view id) { return prefixed('d', id); }
std::string state(std::string_view key) { return prefixed('z', key); }
std::string end_of(std::string_view prefix) {
  std::string out(prefix);
  while (!out.empty() && out.back() == '\xFF') out.pop_back();
  if (!out.empty()) ++out.back();
  return out;
}
std::string openings() { return "n"; }
std::string floor() { return "f"; }
std::uint64_t digits(const std::optional<std::string>& value) {
  return value ? std::strtoull(value->c_str(), nullptr, 10) : 0;
}
std::string version() { return "v"; }

imap::Uid uid_at_end(std::string_view key) {
  if (key.size() < 4) return {};
  return imap::Uid(get_big_endian<std::uint32_t>(key.substr(key.size() - 4)));
}

imap::ModSeq gone_modseq(std::string_view key) {
  if (key.size() < 12) return {};
  return imap::ModSeq(get_big_endian<std::uint64_t>(key.substr(key.size() - 12)));
}

std::string encode(const MailboxRecord& record) {
  std::string out(1, kVersion);
  base::put_varint(out, record.uid_validity.value);
  base::put_varint(out, record.uid_next.value);
  base::put_varint(out, record.highest_modseq.value);
  base::put_varint(out, record.log_starts.value);
  base::put_varint(out, record.claimed.value);
  base::put_varint(out, zigzag(record.cur_changed));
  base::put_varint(out, zigzag(record.new_changed));
  base::put_varint(out, record.keywords.size());
  for (const auto& keyword : record.keywords) {
    base::put_varint(out, keyword.size());
    out += keyword;
  }
  base::put_varint(out, record.place.size());
  out += record.place;
  return out;
}

std::optional<MailboxRecord> decode_mailbox(std::string_view value) {
  if (!value.starts_with(kVersion)) return std::nullopt;
  RecordReader in{value.substr(1)};
  MailboxRecord out;
  out.uid_validity = imap::UidValidity(static_cast<std::uint32_t>(in.varint()));
  out.uid_next = imap::Uid(static_cast<std::uint32_t>(in.varint()));
  out.highest_modseq = imap::ModSeq(in.varint());
  out.log_starts = imap::ModSeq(in.varint());
  out.claimed = imap::Uid(static_cast<std::uint32_t>(in.varint()));
  out.cur_changed = unzigzag(in.varint());
  out.new_changed = unzigzag(in.varint());
  const auto count = in.varint();
  for (std::uint64_t i = 0; in.good && i < count; ++i) out.keywords.emplace_back(in.text());
  if (in.good && !in.rest.empty()) out.place = in.text();  // records of before have none
  if (!in.good) return std::nullopt;
  return out;
}

void encode(std::string& out, const RowRecord& record) {
  const bool more = record.growing || record.counted || record.elsewhere || record.size_mark != 0;
  out.clear();
  out += more ? kRowOfForeignFile : kVersion;
  out += static_cast<char>(record.system_flags | (record.in_new ? 0x80 : 0) | (record.renaming ? 0x40 : 0));
  if (more) {
    out += static_cast<char>((record.growing ? kGrowing : 0) | (record.counted ? kCounted : 0) |
                             (record.elsewhere ? kElsewhere : 0));
    base::put_varint(out, record.size_mark);
  }
  base::put_varint(out, record.modseq.value);
  base::put_varint(out, zigzag(record.internal_date));
  base::put_varint(out, record.wire_size);
  base::put_varint(out, record.keywords.size());
  for (const auto keyword : record.keywords) base::put_varint(out, keyword);
  out += record.name;
}

bool decode_row(std::string_view value, RowRecord& out) {
  if (value.size() < 3 || (value[0] != kVersion && value[0] != kRowOfForeignFile)) return false;
  out.system_flags = static_cast<std::uint8_t>(value[1]) & 0x3F;
  out.in_new = static_cast<std::uint8_t>(value[1]) & 0x80;
  out.renaming = static_cast<std::uint8_t>(value[1]) & 0x40;
  RecordReader in{value.substr(2)};
  out.growing = out.counted = out.elsewhere = false;
  out.size_mark = 0;
  if (value[0] == kRowOfForeignFile) {
    const auto more = static_cast<unsigned char>(value[2]);
    if (more > (kGrowing | kCounted | kElsewhere)) return false;
    out.growing = more & kGrowing;
    out.counted = more & kCounted;
    out.elsewhere = more & kElsewhere;
    in.rest.remove_prefix(1);
    out.size_mark = static_cast<std::uint32_t>(in.varint());
  }
  out.modseq = imap::ModSeq(in.varint());
  out.internal_date = unzigzag(in.varint());
  out.wire_size = in.varint();
  out.keywords.clear();
  const auto count = in.varint();
  for (std::uint64_t i = 0; in.good && i < count; ++i) out.keywords.push_back(static_cast<std::uint32_t>(in.varint()));
  out.name = in.rest;
  return in.good && out.name.empty() == out.elsewhere;
}

}  // namespace store::keys
