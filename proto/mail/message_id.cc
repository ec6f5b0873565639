// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/mail/message_id.h"

#include "proto/flags.h"
#include "proto/mail/header_tokens.h"

namespace mail {

namespace {
constexpr std::size_t kHeaderOctets = 1024 * 1024;
constexpr std::size_t kMostBroken = 100;  // in a field: each may be looked at to the field's end
}  // namespace

std::string header_of(const imap::Literal& text) {
  std::string out;
  text.for_pieces([&](std::string_view piece) {
    const auto had = out.size() < 3 ? 0 : out.size() - 3;
    out += piece;
    return out.size() < kHeaderOctets && out.find("\r\n\r\n", had) == std::string::npos;
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

// An id without quotes and comments, up to its ">"; false: it has such, or none is here.
bool MessageIds::take_plain(std::string& out) {
  const auto end = rest_.find_first_of(">\"(");
  if (end == std::string_view::npos) {  // nothing ends here any more
    rest_ = {};
    return false;
  }
  const auto text = rest_.substr(0, end);
  if (rest_[end] != '>') return false;
  rest_.remove_prefix(end + 1);
  if (!text.contains('@')) return false;
  out.clear();
  for (const char c : text)
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') out += c;
  return true;
}

// id-left "@" id-right ">" (RFC 5322 section 3.6.4)
bool MessageIds::take_spelled(std::string& out) {
  using Ahead = HeaderTokens::Ahead;
  HeaderTokens tokens(rest_);
  tokens.skip_space();
  const auto after = tokens.sees('"') ? tokens.quoted_string(out) : tokens.dot_atom(out);
  if (after != Ahead::More || !tokens.sees('@')) return false;
  out += '@';
  tokens.advance();
  tokens.skip_space();
  if (tokens.dot_atom(out) != Ahead::More || !tokens.sees('>')) return false;
  rest_.remove_prefix(tokens.position() + 1);
  return true;
}

// What was read of a broken spelling stays before the next id, as Dovecot has it.
std::optional<std::string> MessageIds::next() {
  std::string out, broken;
  for (;;) {
    const auto start = rest_.find('<');
    if (start == std::string_view::npos) break;
    rest_.remove_prefix(start + 1);
    const auto before = rest_.size();
    if (take_plain(out)) return out;
    if (rest_.size() != before || rest_.empty()) continue;  // passed over
    if (take_spelled(broken)) return broken;
    if (++broken_ > kMostBroken) break;
  }
  rest_ = {};
  return std::nullopt;
}

}  // namespace mail
