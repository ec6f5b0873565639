// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/client/refused_login.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace mirror {

namespace {

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace

bool is_refused_for_a_while(const imap::StatusResponse& answer) {
  using Kind = imap::ResponseCode::Kind;
  if (answer.code) {
    const auto kind = answer.code->kind;
    if (kind == Kind::Unavailable || kind == Kind::InUse || kind == Kind::Limit || kind == Kind::ServerBug) return true;
    if (kind == Kind::AuthenticationFailed) return false;
  }
  // Dovecot, Gmail, Exchange, Yahoo, Courier, in this order; then Exchange (of a mailbox that is being moved, or that
  // is given up for a while), Gmail (of traffic), and what many say of faults of their own.
  constexpr std::array<std::string_view, 16> kWords{"maximum number of connections",
                                                    "too many",
                                                    "throttl",
                                                    "backoff time",
                                                    "try again later",
                                                    "temporar",
                                                    "limit exceeded",
                                                    "server busy",
                                                    "currently unavailable",
                                                    "authenticated but not connected",
                                                    "invalid state",
                                                    "server unavailable",
                                                    "service unavailable",
                                                    "bandwidth limits",
                                                    "internal error",
                                                    "internal server error"};
  const auto text = lowered(answer.text);
  return std::ranges::any_of(kWords, [&](std::string_view words) { return text.find(words) != std::string::npos; });
}

bool is_throttled(const imap::StatusResponse& answer) {
  if (answer.is_ok()) return false;
  const auto text = lowered(answer.text);
  return text.find("throttled") != text.npos || text.find("backoff time") != text.npos ||
         text.find("bandwidth limits") != text.npos;
}

std::optional<std::chrono::milliseconds> suggested_pause(std::string_view text) {
  constexpr std::string_view kWords = "backoff time:";
  const auto lower = lowered(text);
  auto at = lower.find(kWords);
  if (at == std::string::npos) return std::nullopt;
  at = lower.find_first_not_of(' ', at + kWords.size());
  if (at == std::string::npos) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(lower.data() + at, lower.data() + lower.size(), number);
  if (error != std::errc() || number < 0) return std::nullopt;
  const std::chrono::milliseconds most = std::chrono::hours(24);
  const bool seconds = std::string_view(end, lower.data() + lower.size()).starts_with(" sec");
  if (number > most.count()) return most;
  return std::min(most, std::chrono::milliseconds(seconds ? number * 1000 : number));
}

}  // namespace mirror
