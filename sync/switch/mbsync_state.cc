// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/switch/mbsync_state.h"

#include <charconv>
#include <optional>
#include <string>

#include "proto/base/lines.h"

namespace mirror {

namespace {

constexpr imap::Uid kNone{0xFFFFFFFFu};

std::optional<std::uint32_t> take_number(std::string_view& text) {
  std::uint32_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return out;
}

std::string_view take_word(std::string_view& text) {
  const auto end = std::min(text.find(' '), text.size());
  const auto out = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return out;
}

// "17 16 FS"; false: it is none.
bool read_entry(std::string_view line, MbsyncState& out) {
  const auto far = take_number(line);
  if (!far || !line.starts_with(' ')) return false;
  line.remove_prefix(1);
  const auto near = take_number(line);
  if (!near || (!line.empty() && !line.starts_with(' '))) return false;
  if (!line.empty()) line.remove_prefix(1);
  MbsyncState::Entry entry{imap::Uid(*far), imap::Uid(*near), {}};
  if (!line.empty() && std::string_view("<>^~X").find(line.front()) != std::string_view::npos) return true;
  if (!entry.far || !entry.near || entry.far == kNone || entry.near == kNone) return true;
  for (const char letter : line) {
    if (letter == 'P') continue;  // passed on: a keyword
    bool known = false;
    for (const auto& row : imap::kFlagTable)
      if (row.maildir_letter == letter) entry.flags.add(row.flag), known = true;
    if (!known) return false;
  }
  out.entries.push_back(std::move(entry));
  return true;
}

// False: no line of a header.
bool read_header_line(std::string_view line, MbsyncState& out) {
  const auto name = take_word(line);
  const auto value = take_number(line);
  if (!value || !line.empty()) return false;
  if (name == "FarUidValidity" || name == "MasterUidValidity") return out.far = imap::UidValidity(*value), true;
  if (name == "NearUidValidity" || name == "SlaveUidValidity") return out.near = imap::UidValidity(*value), true;
  return name.starts_with("Max");
}

std::unexpected<base::Refusal> damaged(std::size_t line, const char* what) {
  return base::refuse(base::Reason::Corrupt, "line " + std::to_string(line) + ' ' + what);
}

}  // namespace

base::Result<MbsyncState> parse_mbsync_state(std::string_view text) {
  MbsyncState out;
  std::size_t number = 0;
  bool in_header = true;
  if (!text.ends_with('\n')) return base::refuse(base::Reason::Corrupt, "it is cut off");
  while (const auto line = base::take_line(text)) {
    ++number;
    if (in_header && line->empty())
      in_header = false;
    else if (in_header && !read_header_line(*line, out))
      return damaged(number, "is none that mbsync 1.1 to 1.5 writes");
    else if (!in_header && !read_entry(*line, out))
      return damaged(number, "is no message's");
  }
  if (in_header) return base::refuse(base::Reason::Corrupt, "it is cut off");
  if (!out.far || !out.near) return base::refuse(base::Reason::Corrupt, "it does not say of which mailbox it is");
  return out;
}

}  // namespace mirror
