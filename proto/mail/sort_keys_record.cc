// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The index's records of what SORT, THREAD and SEARCH compare. DO NOT CHANGE the order: they are on users' disks; the
// version octet changes with it, and when mail is understood otherwise.
#include "proto/base/big_endian.h"
#include "proto/base/varint.h"
#include "proto/mail/sort_keys.h"

namespace mail {

namespace {

constexpr char kVersion = kSortTextsVersion;
constexpr std::size_t kLongestSearchText = 4096;

// A cursor over a record; `good` turns false at its first fault.
struct Reader {
  std::string_view rest;
  bool good = true;
  std::uint64_t number() { return base::take_varint(rest, good); }
  std::string_view octets(std::uint64_t size) { return base::take_octets(rest, size, good); }
  std::uint64_t hash() {
    const auto text = octets(sizeof(std::uint64_t));
    return good ? base::get_big_endian<std::uint64_t>(text) : 0;
  }
};

void put_text(std::string& out, std::string_view text) {
  base::put_varint(out, text.size());
  out += text;
}

}  // namespace

std::string encode(const SortTexts& texts) {
  std::string out(1, kVersion);
  for (const auto* text : {&texts.subject, &texts.from, &texts.to, &texts.cc, &texts.display_from, &texts.display_to})
    put_text(out, *text);
  return out;
}

std::optional<SortTexts> decode_sort_texts(std::string_view record) {
  if (!record.starts_with(kVersion)) return std::nullopt;
  Reader in{record.substr(1)};
  SortTexts out;
  for (auto* text : {&out.subject, &out.from, &out.to, &out.cc, &out.display_from, &out.display_to})
    *text = in.octets(in.number());
  if (!in.good) return std::nullopt;
  return out;
}

std::string encode(const ThreadKeys& keys) {
  std::string out(1, kVersion);
  base::put_varint(out, keys.date);
  out += keys.is_reply_or_forward ? '\1' : '\0';
  base::put_big_endian(out, keys.subject);
  base::put_big_endian(out, keys.id);
  base::put_varint(out, keys.references.size());
  for (const auto reference : keys.references) base::put_big_endian(out, reference);
  return out;
}

bool decode_thread_keys(std::string_view record, ThreadKeys& out) {
  out.references.clear();
  if (!record.starts_with(kVersion)) return false;
  Reader in{record.substr(1)};
  out.date = static_cast<std::uint32_t>(in.number());
  out.is_reply_or_forward = in.octets(1) == "\1";
  out.subject = in.hash();
  out.id = in.hash();
  const auto count = in.number();
  if (!in.good || count > in.rest.size() / sizeof(std::uint64_t)) return false;
  for (std::uint64_t i = 0; i < count; ++i) out.references.push_back(in.hash());
  return in.good;
}

// The sizes come first: each one more than it is, 0 for a text that is too long to be kept.
std::string encode(const SearchTexts& texts) {
  std::string out(1, kVersion), kept;
  for (const auto& text : texts.fields) {
    const bool keep = text.size() <= kLongestSearchText;
    base::put_varint(out, keep ? text.size() + 1 : 0);
    if (keep) kept += text;
  }
  return out + kept;
}

bool is_search_texts(std::string_view record) {
  if (!record.starts_with(kVersion)) return false;
  Reader in{record.substr(1)};
  std::uint64_t all = 0;
  for (int i = 0; i < SearchTexts::kFields; ++i) {
    const auto kept = in.number();
    if (kept > kLongestSearchText + 1) return false;
    all += kept > 0 ? kept - 1 : 0;
  }
  return in.good && all <= in.rest.size();
}

std::optional<std::string_view> find_search_text(std::string_view record, SearchTexts::Field field) {
  if (!record.starts_with(kVersion)) return std::nullopt;
  Reader in{record.substr(1)};
  std::uint64_t before = 0, size = 0;
  for (int i = 0; i < SearchTexts::kFields; ++i) {
    const auto kept = in.number();
    if (i < field && kept > 0) before += kept - 1;
    if (i == field) size = kept;
  }
  in.octets(before);
  if (!in.good || size == 0) return std::nullopt;
  const auto text = in.octets(size - 1);
  if (!in.good) return std::nullopt;
  return text;
}

}  // namespace mail
