// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <vector>

#include "proto/base/big_endian.h"
#include "proto/base/lines.h"

namespace base {
namespace {

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text) {
  Lines out;
  while (const auto line = take_line(text)) out.push_back(*line);
  return out;
}

TEST(Lines, TheLastNeedsNoLineFeed) {
  EXPECT_EQ(lines_of(""), Lines{});
  EXPECT_EQ(lines_of("\n"), Lines{""});
  EXPECT_EQ(lines_of("a"), Lines{"a"});
  EXPECT_EQ(lines_of("a\n"), Lines{"a"});
  EXPECT_EQ(lines_of("a\n\nb\r\nc"), (Lines{"a", "", "b\r", "c"}));
}

TEST(BigEndian, BothWays) {
  std::string out;
  put_big_endian(out, std::uint8_t{1});
  put_big_endian(out, std::uint32_t{0x80FF0203});
  put_big_endian(out, std::int64_t{-2});
  EXPECT_EQ(out, std::string("\x01\x80\xFF\x02\x03\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE"));
  EXPECT_EQ(get_big_endian<std::uint8_t>(out), 1u);
  EXPECT_EQ(get_big_endian<std::uint32_t>(out.substr(1)), 0x80FF0203u);
  EXPECT_EQ(get_big_endian<std::int64_t>(out.substr(5)), -2);
}

}  // namespace
}  // namespace base
