// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/removed/removal_note.h"

#include <algorithm>
#include <utility>

#include "proto/base/tabbed.h"

namespace store {

using base::escaped;
using base::take_field;
using base::take_number;
using base::unescaped;

std::string encode(const RemovalNote& note) {
  std::string out = std::to_string(note.when) + '\t' + escaped(note.by) + '\t' + std::to_string(note.internal_date) +
                    '\t' + std::to_string(note.system_flags) + '\t';
  bool first = true;
  for (const auto& keyword : note.keywords) {
    if (!std::exchange(first, false)) out += ' ';
    out += keyword;
  }
  return out;
}

std::optional<RemovalNote> decode_removal_note(std::string_view text) {
  RemovalNote out;
  int flags = 0;
  if (!take_number(text, out.when)) return std::nullopt;
  const auto by = take_field(text);
  if (!by || !take_number(text, out.internal_date) || !take_number(text, flags)) return std::nullopt;
  if (flags < 0 || flags > 255 || text.data() == nullptr) return std::nullopt;
  out.by = unescaped(*by);
  out.system_flags = static_cast<std::uint8_t>(flags);
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    if (end > 0) out.keywords.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string encode(const RemovalLine& line) {
  return line.file + '\t' + (line.raw ? '1' : '0') + '\t' + escaped(line.mailbox) + '\t' + encode(line.note) + '\n';
}

std::optional<RemovalLine> decode_removal_line(std::string_view text) {
  RemovalLine out;
  int raw = 0;
  const auto file = take_field(text);
  if (!file || file->empty() || file->find('/') != file->npos || file->front() == '.') return std::nullopt;
  if (!take_number(text, raw)) return std::nullopt;
  const auto mailbox = take_field(text);
  if (!mailbox) return std::nullopt;
  auto note = decode_removal_note(text);
  if (!note) return std::nullopt;
  out.file = *file;
  out.raw = raw == 1;
  out.mailbox = unescaped(*mailbox);
  out.note = std::move(*note);
  return out;
}

}  // namespace store
