// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Sorting by several columns is sorting by the last one, then by the one before, each time without changing the order
// of equals. By one column it is done octet by octet (radix), octets that are the same in all keys left out: 100,000
// dates take three or four passes over the positions.
#include "proto/search/sort_order.h"

#include "proto/base/big_endian.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "proto/parser.h"
#include "proto/printer.h"

namespace imap {

namespace {

struct Name {
  std::string_view name;
  SortKey key;
};
constexpr Name kNames[] = {{"ARRIVAL", SortKey::Arrival},
                           {"CC", SortKey::Cc},
                           {"DATE", SortKey::Date},
                           {"FROM", SortKey::From},
                           {"SIZE", SortKey::Size},
                           {"SUBJECT", SortKey::Subject},
                           {"TO", SortKey::To},
                           {"DISPLAYFROM", SortKey::DisplayFrom},
                           {"DISPLAYTO", SortKey::DisplayTo}};

std::size_t octet_of(std::uint64_t key, int shift) { return static_cast<std::size_t>(key >> shift & 0xFF); }

struct Entry {
  std::uint64_t key;
  std::uint32_t position;
};

void sort_by_octet(std::vector<Entry>& entries, std::vector<Entry>& spare, int shift) {
  std::array<std::size_t, 256> starts{};
  for (const auto& entry : entries) ++starts[octet_of(entry.key, shift)];
  std::size_t sum = 0;
  for (auto& start : starts) sum += std::exchange(start, sum);
  for (const auto& entry : entries) spare[starts[octet_of(entry.key, shift)]++] = entry;
  entries.swap(spare);
}

}  // namespace

// sort-criteria = "(" sort-criterion *(SP sort-criterion) ")"; sort-criterion = ["REVERSE" SP] sort-key
SortProgram parse_sort_program(Parser& parser) {
  SortProgram out;
  parser.list([&] {
    auto name = parser.upper_atom();
    const bool reverse = name == "REVERSE";
    if (reverse) {
      parser.sp();
      name = parser.upper_atom();
    }
    const auto found = std::ranges::find(kNames, name, &Name::name);
    if (found == std::end(kNames)) parser.fail("a SORT key");
    if (std::ranges::find(out, found->key, &SortCriterion::key) == out.end()) out.push_back({found->key, reverse});
  });
  return out;
}

void print_sort_program(Printer& printer, const SortProgram& program) {
  printer.raw("(");
  bool first = true;
  for (const auto& criterion : program) {
    if (!first) printer.sp();
    first = false;
    if (criterion.reverse) printer.raw("REVERSE ");
    printer.raw(std::ranges::find(kNames, criterion.key, &Name::key)->name);
  }
  printer.raw(")");
}

std::vector<std::uint32_t> sorted_positions(std::size_t count, std::span<const SortColumn> columns) {
  std::vector<std::uint32_t> out(count);
  std::iota(out.begin(), out.end(), 0u);
  std::vector<Entry> entries(count), spare(count);
  for (auto column = columns.rbegin(); column != columns.rend(); ++column) {
    std::uint64_t differ = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const auto key = column->keys[out[i]];
      entries[i] = {column->reverse ? ~key : key, out[i]};
      differ |= entries[i].key ^ entries[0].key;
    }
    for (int shift = 0; shift < 64; shift += 8)
      if (octet_of(differ, shift) != 0) sort_by_octet(entries, spare, shift);
    for (std::size_t i = 0; i < count; ++i) out[i] = entries[i].position;
  }
  return out;
}

// Most texts differ in their first eight octets, which are compared as a number.
std::vector<std::uint64_t> ranks_of(std::span<const std::string_view> texts) {
  std::vector<Entry> order;
  order.reserve(texts.size());
  for (const auto text : texts) {
    char start[sizeof(std::uint64_t)] = {};
    text.copy(start, sizeof start);
    order.push_back(
        {base::get_big_endian<std::uint64_t>({start, sizeof start}), static_cast<std::uint32_t>(order.size())});
  }
  std::ranges::sort(order, [&](const Entry& a, const Entry& b) {
    return a.key != b.key ? a.key < b.key : texts[a.position] < texts[b.position];
  });
  std::vector<std::uint64_t> out(texts.size());
  std::uint64_t rank = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i > 0 && texts[order[i].position] != texts[order[i - 1].position]) ++rank;
    out[order[i].position] = rank;
  }
  return out;
}

}  // namespace imap
