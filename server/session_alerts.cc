// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Session: its greeting, and what its user must know.
#include "proto/base/printable.h"
#include "server/session.h"

namespace server {

namespace {

constexpr std::size_t kLongest = 600;  // characters

// A response's text is ASCII (RFC 9051 section 9, resp-text).
std::string in_ascii(const std::string& text) {
  std::string out;
  for (const char c : base::shortened(base::printable(text), kLongest)) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x80)
      out += c;
    else if ((octet & 0xC0) != 0x80)
      out += '?';
  }
  return out;
}

}  // namespace

void Session::greet() {
  if (context_.authenticator) {
    put(imap::StatusResponse::ok("Postern ready.").with(capability_code()));
    return;
  }
  state_ = imap::State::Authenticated;
  imap::StatusResponse hello{imap::StatusResponse::Kind::PreAuth, capability_code(), "Postern ready."};
  put(hello);
  alert();
}

void Session::alert() {
  if (context_.alert.empty()) return;
  put(imap::StatusResponse::ok(context_.alert).with(imap::ResponseCode::Kind::Alert));
}

// Once each; not before the user is known.
void Session::put_alerts() {
  if (context_.alerts == nullptr || state_ == imap::State::NotAuthenticated) return;
  for (const auto& text : context_.alerts->since(alerts_seen_))
    put(imap::StatusResponse::ok(in_ascii(text)).with(imap::ResponseCode::Kind::Alert));
}

}  // namespace server
