// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/copied_messages.h"

#include <charconv>

namespace store {

namespace {

// "<mailbox id> <number>", what is behind it left in `text`.
std::optional<CopyNote::Place> take_place(std::string_view& text) {
  const auto space = text.find(' ');
  if (space == std::string_view::npos || space == 0) return std::nullopt;
  CopyNote::Place out{std::string(text.substr(0, space)), {}};
  text.remove_prefix(space + 1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out.uid.value);
  if (error != std::errc() || out.uid.value == 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return out;
}

}  // namespace

std::optional<CopyNote> CopyNote::of(std::string_view key, std::string_view value) {
  if (!key.starts_with(kCopied)) return std::nullopt;
  key.remove_prefix(kCopied.size());
  auto copy = take_place(key), original = take_place(value);
  if (!copy || !original || !key.empty() || !value.starts_with(' ')) return std::nullopt;
  CopyNote out{std::move(*copy), std::move(*original), 0};
  const auto [end, error] = std::from_chars(value.data() + 1, value.data() + value.size(), out.when);
  if (error != std::errc() || end != value.data() + value.size()) return std::nullopt;
  return out;
}

}  // namespace store
