// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The options of a side: how it is reached.
#include <algorithm>

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

Done set_port(ServerConfig& side, const std::string& value) {
  const bool number = !value.empty() && value.size() <= 5 && value.find_first_not_of("0123456789") == std::string::npos;
  if (!number || std::stoul(value) == 0 || std::stoul(value) > 65535)
    return wrong("port is a number between 1 and 65535, not " + value);
  side.port = value;
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

Done set_reference(ServerConfig& side, const std::string& value) {
  auto decoded = imap::decode_modified_utf7(value);
  if (!decoded) return wrong("list-reference is not in modified UTF-7: " + value);
  side.list_reference = std::move(*decoded);
  return {};
}

Done set_fingerprint(ServerConfig& side, const std::string& value) {
  for (auto word : words_of(value)) {
    if (word.find('$') == std::string::npos) word.insert(0, "sha256$");
    std::erase(word, ':');
    if (!word.starts_with("sha256$") || word.size() != 7 + 64 ||
        word.find_first_not_of("0123456789abcdefABCDEF", 7) != std::string::npos)
      return wrong("SSL_fingerprint wants sha256$ and 64 hexadecimal digits; other digests are not supported yet");
    for (std::size_t i = 7; i < word.size(); ++i)
      if (word[i] >= 'A' && word[i] <= 'F') word[i] = static_cast<char>(word[i] + 32);
    side.fingerprints.push_back(std::move(word));
  }
  return {};
}

Done set_protocol_min(ServerConfig& side, const std::string& value) {
  if (value != "TLSv1.2" && value != "TLSv1.3")
    return wrong("SSL_protocol_min is TLSv1.2 or TLSv1.3; nothing older is ever used");
  side.protocol_min = value;
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
SetSide not_yet(const std::string& why) {
  return [why](ServerConfig&, const std::string&) -> Done { return wrong(why); };
}

}  // namespace

const std::map<std::string, SetSide>& side_options() {
  static const std::map<std::string, SetSide> table{
      {"type", set_type},
      {"path", set_path},
      {"host", set_host},
      {"port", set_port},
      {"proxy", not_yet("proxy is not supported yet")},
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
      {"null-stderr", flag(&ServerConfig::null_stderr)},
      {"SSL_protocols", not_yet("SSL_protocols is not supported; use SSL_protocol_min")},
      {"SSL_protocol_min", set_protocol_min},
      {"SSL_protocol_max", not_yet("SSL_protocol_max is not supported yet")},
      {"SSL_cipherlist", text(&ServerConfig::ciphers)},
      {"SSL_ciphersuites", not_yet("SSL_ciphersuites is not supported yet")},
      {"SSL_fingerprint", set_fingerprint},
      {"SSL_verify", flag(&ServerConfig::verify)},
      {"SSL_CAfile", file(&ServerConfig::ca_file)},
      {"SSL_CApath", file(&ServerConfig::ca_path)},
      {"SSL_hostname", [](ServerConfig& s, const std::string& v) { return s.tls_host_name = v, Done(); }},
  };
  return table;
}

}  // namespace mirror
