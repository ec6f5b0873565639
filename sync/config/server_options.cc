// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The options of a side: how it is reached.
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <optional>

#include "proto/base/hex.h"
#include "proto/mailbox_name.h"
#include "sync/config/config_options.h"
#include "sync/config/option_values.h"

namespace mirror {

namespace {

Done set_type(ServerConfig& side, const std::string& value) {
  using Type = ServerConfig::Type;
  static const std::map<std::string, Type> types{
      {"store", Type::Store}, {"imap", Type::Imap}, {"imaps", Type::Imaps}, {"tunnel", Type::Tunnel}};
  const auto at = types.find(value);
  if (at == types.end())
    return wrong("type is store, imap, imaps or tunnel, not " + value +
                 nearest(value, {"store", "imap", "imaps", "tunnel"}));
  side.type = at->second;
  return {};
}

Done set_path(ServerConfig& side, const std::string& value) {
  side.path = with_home(value);
  if (!side.path.is_absolute()) return wrong("path begins with / or ~/");
  return {};
}

// "993", or the name of a service.
base::Result<std::string> port_of(const std::string& value) {
  if (is_number(value, 5) && std::stoul(value) > 0 && std::stoul(value) <= 65535) return value;
  for (const auto& [name, number] : {std::pair("imap", "143"), {"imap2", "143"}, {"imaps", "993"}, {"socks", "1080"}})
    if (value == name) return number;
  const bool name = !value.empty() && value.find_first_not_of("0123456789") != std::string::npos;
  const servent* known = name ? ::getservbyname(value.c_str(), "tcp") : nullptr;
  if (known != nullptr) return std::to_string(ntohs(static_cast<std::uint16_t>(known->s_port)));
  return wrong("port is a number between 1 and 65535, or a name out of /etc/services, not " + value);
}

Done set_port(ServerConfig& side, const std::string& value) {
  auto port = port_of(value);
  if (!port) return std::unexpected(port.error());
  side.port = std::move(*port);
  return {};
}

// "%40" in a user or password; nullopt: no such escape.
std::optional<std::string> unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size() || base::hex_digit(text[i + 1]) < 0 || base::hex_digit(text[i + 2]) < 0)
      return std::nullopt;
    out += static_cast<char>(base::hex_digit(text[i + 1]) * 16 + base::hex_digit(text[i + 2]));
    i += 2;
  }
  return out;
}

// socks5://[USER:PASSWORD@]HOST[:PORT]. A wrong one is not repeated in what is said: it may hold a password.
Done set_proxy(ServerConfig& side, const std::string& value) {
  const auto bad = [] {
    return wrong("proxy is socks5://[USER:PASSWORD@]HOST[:PORT], or socks5h://… where the proxy looks names up");
  };
  Proxy proxy;
  proxy.resolves = value.starts_with("socks5h://");
  if (!proxy.resolves && !value.starts_with("socks5://")) return bad();
  auto rest = value.substr(value.find("//") + 2);
  if (rest.ends_with('/')) rest.pop_back();
  if (const auto at = rest.rfind('@'); at != std::string::npos) {
    const auto colon = rest.find(':');
    if (colon == std::string::npos || colon > at) return bad();
    const auto user = unescaped(rest.substr(0, colon)), password = unescaped(rest.substr(colon + 1, at - colon - 1));
    if (!user || !password || user->empty() || user->size() > 255 || password->size() > 255) return bad();
    proxy.user = *user;
    proxy.password = base::Secret(*password);
    rest = rest.substr(at + 1);
  }
  const auto bracket = rest.find(']');
  const auto colon = rest.find(':', rest.starts_with('[') && bracket != std::string::npos ? bracket : 0);
  proxy.host = rest.substr(0, colon);
  if (proxy.host.starts_with('[') && proxy.host.ends_with(']'))
    proxy.host = proxy.host.substr(1, proxy.host.size() - 2);
  auto port = port_of(colon == std::string::npos ? "1080" : rest.substr(colon + 1));
  if (!port) return std::unexpected(port.error());
  proxy.port = std::move(*port);
  if (proxy.host.empty()) return bad();
  side.proxy = std::move(proxy);
  return {};
}

Done set_auth(ServerConfig& side, const std::string& value) {
  side.auth.clear();
  for (auto word : words_of(value)) {
    std::ranges::transform(word, word.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    if (word != "PLAIN" && word != "LOGIN") return wrong("auth knows PLAIN and LOGIN, not " + word);
    side.auth.push_back(word);
  }
  if (side.auth.empty()) return wrong("auth names no mechanism");
  return {};
}

Done set_compress(ServerConfig& side, const std::string& value) {
  const auto said = yes_or_no(value);
  if (!said) return std::unexpected(said.error());
  side.compress = *said;
  return {};
}

// Of directories that bear whole names: `lists.one` for what is lists/one on the server.
Done set_separator(ServerConfig& side, const std::string& value) {
  if (value.size() != 1 || std::isalnum(static_cast<unsigned char>(value.front())) != 0 ||
      static_cast<unsigned char>(value.front()) <= 0x20 || static_cast<unsigned char>(value.front()) >= 0x7F)
    return wrong("separator is one character such as . or /, not " + value);
  side.separator = value.front();
  return {};
}

Done set_reference(ServerConfig& side, const std::string& value) {
  auto decoded = imap::decode_modified_utf7(value);
  if (!decoded) return wrong("list-reference is not in modified UTF-7: " + value);
  side.list_reference = std::move(*decoded);
  return {};
}

// Whether there is such a digest, and of which length, is known where TLS is.
Done set_fingerprint(ServerConfig& side, const std::string& value) {
  side.fingerprints.clear();
  for (auto word : words_of(value)) {
    if (word.find('$') == std::string::npos) word.insert(0, "sha256$");
    std::erase(word, ':');
    const auto dollar = word.find('$');
    for (auto i = dollar; i < word.size(); ++i)
      if (word[i] >= 'A' && word[i] <= 'F') word[i] = static_cast<char>(word[i] + 32);
    const auto digits = word.size() - dollar - 1;
    if (dollar == 0 || digits < 32 || word.find_first_not_of("0123456789abcdef", dollar + 1) != std::string::npos ||
        (word.starts_with("sha256$") && digits != 64))
      return wrong("SSL_fingerprint wants DIGEST$ and its hexadecimal digits, as sha256$ and 64 of them");
    side.fingerprints.push_back(std::move(word));
  }
  return {};
}

constexpr const char* kNothingOlder = " is TLSv1.2 or TLSv1.3; nothing older is ever used";

Done set_protocol_min(ServerConfig& side, const std::string& value) {
  if (value != "TLSv1.2" && value != "TLSv1.3") return wrong(std::string("SSL_protocol_min") + kNothingOlder);
  side.protocol_min = value;
  return {};
}

Done set_protocol_max(ServerConfig& side, const std::string& value) {
  if (value != "TLSv1.2" && value != "TLSv1.3") return wrong(std::string("SSL_protocol_max") + kNothingOlder);
  side.protocol_max = value;
  return {};
}

// Those that are named, or all but those with a '!'.
Done set_protocols(ServerConfig& side, const std::string& value) {
  bool enables = false, with_2 = false, with_3 = false, without_2 = false, without_3 = false;
  for (auto word : words_of(value)) {
    const bool off = word.starts_with('!');
    if (off) word.erase(0, 1);
    const bool two = imap::equal_ignoring_case(word, "TLSv1.2"), three = imap::equal_ignoring_case(word, "TLSv1.3");
    bool known = two || three;
    for (const auto* old : {"SSLv2", "SSLv3", "TLSv1", "TLSv1.1"}) known |= imap::equal_ignoring_case(word, old);
    if (!known) return wrong("SSL_protocols knows no " + word + nearest(word, {"TLSv1.2", "TLSv1.3"}));
    enables |= !off;
    (off ? without_2 : with_2) |= two;
    (off ? without_3 : with_3) |= three;
  }
  const bool two = (!enables || with_2) && !without_2, three = (!enables || with_3) && !without_3;
  if (!two && !three) return wrong("SSL_protocols leaves none: nothing older than TLSv1.2 is ever used");
  if (!two) side.protocol_min = "TLSv1.3";
  if (!three) side.protocol_max = "TLSv1.2";
  return {};
}

SetSide text(std::string ServerConfig::* member) {
  return [member](ServerConfig& side, const std::string& value) { return side.*member = value, Done(); };
}
SetSide file(std::string ServerConfig::* member) {
  return [member](ServerConfig& side, const std::string& value) { return side.*member = with_home(value), Done(); };
}
Done set_host(ServerConfig& side, const std::string& value) {
  if (value.empty()) return wrong("host is empty");
  side.host = value;
  return {};
}
SetSide flag(bool ServerConfig::* member) {
  return [member](ServerConfig& side, const std::string& value) { return set_yes_or_no(side.*member, value); };
}
}  // namespace

const std::map<std::string, SetSide>& side_options() {
  static const std::map<std::string, SetSide> table{
      {"type", set_type},
      {"path", set_path},
      {"host", set_host},
      {"port", set_port},
      {"proxy", set_proxy},
      {"command", text(&ServerConfig::command)},
      {"STARTTLS", flag(&ServerConfig::start_tls)},
      {"auth", set_auth},
      {"username", text(&ServerConfig::username)},
      {"password", [](ServerConfig& s, const std::string& v) { return s.password = base::Secret(v), Done(); }},
      {"password-command", text(&ServerConfig::password_command)},
      {"password-timeout",
       [](ServerConfig& s, const std::string& v) { return set_seconds(s.password_timeout, "password-timeout", v); }},
      {"compress", set_compress},
      {"list-reference", set_reference},
      {"separator", set_separator},
      {"null-stderr", flag(&ServerConfig::null_stderr)},
      {"SSL_protocols", set_protocols},
      {"SSL_protocol_min", set_protocol_min},
      {"SSL_protocol_max", set_protocol_max},
      {"SSL_cipherlist", text(&ServerConfig::ciphers)},
      {"SSL_ciphersuites", text(&ServerConfig::cipher_suites)},
      {"SSL_fingerprint", set_fingerprint},
      {"SSL_verify", flag(&ServerConfig::verify)},
      {"SSL_CAfile", file(&ServerConfig::ca_file)},
      {"SSL_CApath", file(&ServerConfig::ca_path)},
      {"SSL_hostname", [](ServerConfig& s, const std::string& v) { return s.tls_host_name = v, Done(); }},
  };
  return table;
}

}  // namespace mirror
