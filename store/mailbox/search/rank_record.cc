// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/mailbox/search/rank_record.h"

#include <algorithm>

#include "proto/base/varint.h"

namespace store {

namespace {
constexpr char kVersion = 1;
}  // namespace

char octet_of(imap::SortKey key) {
  switch (key) {
    case imap::SortKey::Cc: return 'c';
    case imap::SortKey::From: return 'f';
    case imap::SortKey::To: return 't';
    case imap::SortKey::DisplayFrom: return 'F';
    case imap::SortKey::DisplayTo: return 'T';
    default: return 's';
  }
}

std::string encode(const RankColumn& column, imap::UidValidity uid_validity) {
  std::string out{kVersion, mail::kSortTextsVersion};
  base::put_varint(out, uid_validity.value);
  base::put_varint(out, column.uids.size());
  std::uint32_t before = 0;
  for (std::size_t i = 0; i < column.uids.size(); ++i) {
    base::put_varint(out, column.uids[i].value - before);
    base::put_varint(out, column.ranks[i]);
    before = column.uids[i].value;
  }
  return out;
}

std::shared_ptr<RankColumn> decode_ranks(std::string_view record, imap::UidValidity uid_validity) {
  if (record.size() < 2 || record[0] != kVersion || record[1] != mail::kSortTextsVersion) return nullptr;
  record.remove_prefix(2);
  bool good = true;
  if (base::take_varint(record, good) != uid_validity.value) return nullptr;
  const auto count = base::take_varint(record, good);
  if (!good || count > record.size() / 2) return nullptr;
  auto out = std::make_shared<RankColumn>();
  out->uids.reserve(count);
  out->ranks.reserve(count);
  std::uint64_t uid = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto step = base::take_varint(record, good);
    const auto rank = base::take_varint(record, good);
    uid += step;
    if (!good || step == 0 || step > UINT32_MAX || uid > UINT32_MAX || rank > UINT32_MAX) return nullptr;
    out->uids.push_back(imap::Uid(static_cast<std::uint32_t>(uid)));
    out->ranks.push_back(static_cast<std::uint32_t>(rank));
  }
  return record.empty() ? out : nullptr;
}

}  // namespace store
