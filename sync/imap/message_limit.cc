// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/imap/message_limit.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <variant>

namespace mirror {

namespace {

constexpr std::uint64_t kUsual = 1000;
constexpr std::string_view kName = "MESSAGELIMIT";

}  // namespace

std::uint64_t most_messages(const Client& client) {
  return std::clamp<std::uint64_t>(client.announced(kName).value_or(kUsual), 1, kUsual);
}

std::optional<std::uint32_t> stopped_at(const imap::StatusResponse& answer) {
  const auto* text = answer.code ? std::get_if<std::string>(&answer.code->payload) : nullptr;
  if (text == nullptr || !imap::equal_ignoring_case(std::string_view(*text).substr(0, kName.size()), kName))
    return std::nullopt;
  std::uint32_t uid = 0;
  const auto space = text->rfind(' ');
  if (space != std::string::npos && space > kName.size())
    std::from_chars(text->data() + space + 1, text->data() + text->size(), uid);
  return uid;
}

}  // namespace mirror
