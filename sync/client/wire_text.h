// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// WireText: a conversation as lines for a person's eyes: passwords and what goes over the wire of a login are left out,
// texts of messages are shortened. Pure; it hears all of a conversation from its beginning, whoever reads the lines.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace mirror {

class WireText {
 public:
  using Line = std::function<void(char direction, const std::string& line)>;  // '>' sent, '<' received; printable

  // hears(): whether anybody wants lines just now.
  WireText(std::function<bool()> hears, Line line) : hears_(std::move(hears)), line_(std::move(line)) {}

  void sent(std::string_view octets);
  void received(std::string_view octets);
  // What comes is plain again, behind STARTTLS or COMPRESS: what was heard of half a line was not.
  void begin_anew();

 private:
  // One direction: a line with its literals.
  struct Half {
    char direction = '<';
    std::string line{};         // so far, shortened
    std::string tail{};         // the last octets of what is a line on the wire, for {123}
    std::uint64_t literal = 0;  // octets of it that are still to come
    std::uint64_t shown = 0;    // octets of it that were shown
    bool cut = false;           // of this line something was left out
    bool secret = false;        // nothing of what follows is shown, up to the line's end
  };
  void take(Half& half, std::string_view octets);
  std::string_view take_literal(Half& half, std::string_view octets);
  void add(Half& half, std::string_view octets);
  void end_of_wire_line(Half& half);
  void end_of_line(Half& half);
  bool starts_login(const std::string& line) const;

  std::function<bool()> hears_;
  Line line_;
  Half sent_{.direction = '>'}, received_{.direction = '<'};
  std::string login_;  // the tag of a login that is under way; empty: none
};

}  // namespace mirror
