// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ProgressReport: where a pass stands at one moment, for whoever shows it to a person.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mirror {

struct ProgressReport {
  std::uint64_t done = 0, of = 0;     // messages that were to be copied, as far as is known by now
  std::uint64_t octets = 0;           // on the wire so far, both ways
  std::chrono::milliseconds time{0};  // since the pass began
  std::string mailbox;                // that it works at; empty: none yet
  bool operator==(const ProgressReport&) const = default;
};

// One line, for the control socket.
std::string text_of(const ProgressReport& report);
std::optional<ProgressReport> report_of(std::string_view text);  // nullopt: it is none

// What is shown of them on a line that is overwritten: whatever they say, nothing in it goes back but the rate and the
// time that is left.
class ProgressLine {
 public:
  // At most so many columns; empty: there is nothing to show, or no room for it.
  std::string show(const ProgressReport& report, std::size_t columns);

 private:
  std::uint64_t done_ = 0, of_ = 0, octets_ = 0, percent_ = 0;
};

}  // namespace mirror
