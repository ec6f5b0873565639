// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/mail/message_id.h"

#include "proto/flags.h"

namespace mail {

namespace {
constexpr std::size_t kHeaderOctets = 1024 * 1024;
}  // namespace

std::string header_of(const imap::Literal& text) {
  std::string out;
  text.for_each_piece([&](std::string_view piece) {
    if (out.size() < kHeaderOctets && out.find("\r\n\r\n") == std::string::npos) out += piece;
  });
  const auto end = out.find("\r\n\r\n");
  return end == std::string::npos ? out : out.substr(0, end + 2);
}

std::string message_id_of(std::string_view header) {
  constexpr std::string_view kName = "Message-ID:";
  std::string out;
  while (!header.empty()) {
    const auto end = std::min(header.find('\n'), header.size() - 1);
    const auto line = header.substr(0, end + 1);
    header.remove_prefix(end + 1);
    if (line.size() < kName.size() || !imap::equal_ignoring_case(line.substr(0, kName.size()), kName)) continue;
    auto value = line.substr(kName.size());
    for (;;) {
      for (const char c : value)
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n') out += c;
      if (header.empty() || (header.front() != ' ' && header.front() != '\t')) return out;
      const auto next = std::min(header.find('\n'), header.size() - 1);
      value = header.substr(0, next + 1);
      header.remove_prefix(next + 1);
    }
  }
  return out;
}

}  // namespace mail
