// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/config/server_address.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "proto/flags.h"
#include "sync/config/option_values.h"

namespace mirror {

namespace {

std::unexpected<base::Refusal> refuse(std::string_view text, const char* why) {
  return base::refuse(base::Reason::Usage, "\"" + std::string(text) +
                                               "\" is no server (imap.example.org, host:993, "
                                               "imaps://me@host:993): " +
                                               why);
}

// nullopt: a % without two hexadecimal digits.
std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    std::uint8_t octet = 0;
    const auto digits = text.substr(i + 1, 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), octet, 16);
    if (error != std::errc() || digits.size() != 2 || end != digits.data() + 2 || octet < 0x20) return std::nullopt;
    out += static_cast<char>(octet);
    i += 2;
  }
  return out;
}

bool is_port(const std::string& text) {
  return is_number(text, 5) && !text.empty() && std::stoul(text) > 0 && std::stoul(text) < 65536;
}

bool is_host(std::string_view text) {
  return !text.empty() && std::ranges::none_of(text, [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == '/' || c == '@' || c == '[' || c == ']' || c == 0x7F;
  });
}

}  // namespace

base::Result<ServerAddress> parse_server_address(std::string_view text) {
  ServerAddress out;
  auto rest = text;
  bool said_type = false;
  if (const auto at = rest.find("://"); at != std::string_view::npos) {
    const auto scheme = rest.substr(0, at);
    const bool tls = imap::equal_ignoring_case(scheme, "imaps");
    if (!tls && !imap::equal_ignoring_case(scheme, "imap")) return refuse(text, "it is neither imap:// nor imaps://");
    out.type = tls ? "imaps" : "imap";
    said_type = true;
    rest.remove_prefix(at + 3);
    if (rest.ends_with('/')) rest.remove_suffix(1);
  }
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
    const auto user = unescaped(rest.substr(0, at));
    if (!user) return refuse(text, "a % is not followed by two hexadecimal digits");
    if (user->find(':') != std::string::npos) return refuse(text, "a password does not belong on a command line");
    out.user = *user;
    rest.remove_prefix(at + 1);
  }
  const auto bracket = rest.starts_with('[') ? rest.find(']') : std::string_view::npos;
  const auto colon = bracket == std::string_view::npos ? rest.find(':') : rest.find(':', bracket);
  // More than one colon without brackets: an IPv6 address.
  const bool has_port = colon != std::string_view::npos && rest.find(':', colon + 1) == std::string_view::npos;
  out.host = rest.substr(0, has_port ? colon : std::string_view::npos);
  if (bracket != std::string_view::npos && out.host.size() > 2) out.host = out.host.substr(1, out.host.size() - 2);
  if (has_port) {
    out.port = rest.substr(colon + 1);
    if (!is_port(out.port)) return refuse(text, "the port is no number from 1 to 65535");
    if (!said_type && out.port == "143") out.type = "imap";
  }
  if (!is_host(out.host)) return refuse(text, "there is no host in it");
  return out;
}

}  // namespace mirror
