// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/progress_report.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "proto/base/printable.h"

namespace mirror {

namespace {

constexpr std::chrono::milliseconds kUntilRate{1000};  // before, a rate says nothing
constexpr std::size_t kShortName = 20;

std::string octets_text(double octets) {
  char text[32];
  if (octets < 1e4)
    std::snprintf(text, sizeof text, "%.0f B", octets);
  else if (octets < 1e7)
    std::snprintf(text, sizeof text, "%.0f kB", octets / 1e3);
  else
    std::snprintf(text, sizeof text, "%.1f MB", octets / 1e6);
  return text;
}

std::string time_text(std::uint64_t seconds) {
  char text[48];
  if (seconds < 3600)
    std::snprintf(text, sizeof text, "%u:%02u left", static_cast<unsigned>(seconds / 60),
                  static_cast<unsigned>(seconds % 60));
  else
    std::snprintf(text, sizeof text, "%llu h left", static_cast<unsigned long long>((seconds + 1800) / 3600));
  return text;
}

// No character is taken to be narrower than it may be.
std::size_t columns_of(std::string_view text) {
  std::size_t out = 0;
  while (!text.empty()) {
    const auto octets = base::first_character(text).octets;
    out += octets > 1 ? 2 : 1;
    text.remove_prefix(octets);
  }
  return out;
}

}  // namespace

std::string text_of(const ProgressReport& report) {
  return std::to_string(report.done) + ' ' + std::to_string(report.of) + ' ' + std::to_string(report.octets) + ' ' +
         std::to_string(report.time.count()) + ' ' + report.mailbox;
}

std::optional<ProgressReport> report_of(std::string_view text) {
  std::uint64_t numbers[4] = {};
  for (auto& number : numbers) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end == text.data() + text.size() || *end != ' ') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  }
  return ProgressReport{numbers[0], numbers[1], numbers[2],
                        std::chrono::milliseconds(static_cast<std::int64_t>(numbers[3])), std::string(text)};
}

std::string ProgressLine::show(const ProgressReport& report, std::size_t columns) {
  done_ = std::max(done_, report.done);
  of_ = std::max({of_, report.of, done_});
  octets_ = std::max(octets_, report.octets);
  const auto mailbox = base::printable(report.mailbox), name = mailbox.empty() ? "" : mailbox + ": ";
  const auto seconds = static_cast<double>(report.time.count()) / 1000;
  std::string rate, left;
  if (report.time >= kUntilRate) rate = ", " + octets_text(static_cast<double>(octets_) / seconds) + "/s";
  if (of_ == 0) {
    for (const auto& line : {name + "looking, " + octets_text(static_cast<double>(octets_)) + rate, name + "looking",
                             std::string("looking")})
      if (columns_of(line) <= columns) return line;
    return {};
  }
  percent_ = std::max(percent_, done_ * 100 / of_);
  if (report.time >= kUntilRate && done_ > 0 && done_ < of_)
    left =
        ", " +
        time_text(static_cast<std::uint64_t>(seconds * static_cast<double>(of_ - done_) / static_cast<double>(done_)));
  const auto percent = std::to_string(percent_) + " %", octets = octets_text(static_cast<double>(octets_));
  const auto counted = std::to_string(done_) + " of " + std::to_string(of_);
  const auto most = counted + " messages, " + percent + ", " + octets + rate + left;
  const auto shorter = base::shortened(mailbox, kShortName) + ": ";
  for (const auto& line : {name + most, shorter + most, most, counted + ", " + percent + rate + left,
                           percent + ", " + counted + left, percent + left, percent})
    if (columns_of(line) <= columns) return line;
  return {};
}

}  // namespace mirror
