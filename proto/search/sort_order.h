// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// SORT's criteria (RFC 5256, RFC 5957), and the order that they make of messages whose keys are numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace imap {

class Parser;
class Printer;

enum class SortKey : std::uint8_t { Arrival, Cc, Date, From, Size, Subject, To, DisplayFrom, DisplayTo };

struct SortCriterion {
  SortKey key = SortKey::Arrival;
  bool reverse = false;
  bool operator==(const SortCriterion&) const = default;
};
using SortProgram = std::vector<SortCriterion>;  // the first decides, then the next; in the end the message's number

SortProgram parse_sort_program(
    Parser& parser);  // "(" sort-key *(SP sort-key) ")"; of keys named twice the first counts
void print_sort_program(Printer& printer, const SortProgram& program);

// One key's numbers of all messages that are sorted; smaller ones come first.
struct SortColumn {
  std::span<const std::uint64_t> keys;
  bool reverse = false;
};
// The positions 0, 1 ... count - 1 in the order of the columns; where all are equal, ascending.
std::vector<std::uint32_t> sorted_positions(std::size_t count, std::span<const SortColumn> columns);

// Numbers that compare as the texts do: equal ones are equal.
std::vector<std::uint64_t> ranks_of(std::span<const std::string_view> texts);

}  // namespace imap
