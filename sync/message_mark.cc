// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/message_mark.h"

#include <algorithm>
#include <string>

#include "proto/mail/message_id.h"

namespace mirror {

namespace {

constexpr std::size_t kHeaderOctets = 64 * 1024;  // a Message-ID further down is not looked for

}  // namespace

// FNV-1a with 64 bits.
std::uint64_t mark_of(std::string_view message_id) {
  if (message_id.empty()) return 0;
  std::uint64_t out = 0xcbf29ce484222325u;
  for (const unsigned char octet : message_id) out = (out ^ octet) * 0x100000001b3u;
  return std::max<std::uint64_t>(out, 1);
}

std::uint64_t mark_of_text(const imap::Literal& text) {
  std::string header;
  text.for_pieces([&](std::string_view piece) {
    header += piece.substr(0, kHeaderOctets - header.size());
    return header.size() < kHeaderOctets;
  });
  if (header.starts_with("\r\n") || header.starts_with('\n')) return 0;  // no header at all
  for (const std::string_view blank : {"\r\n\r\n", "\n\n"}) header.resize(std::min(header.find(blank), header.size()));
  return mark_of(mail::message_id_of(header));
}

}  // namespace mirror
