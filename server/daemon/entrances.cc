// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/daemon/entrances.h"

#include "proto/transport/listen.h"

namespace server {

base::Result<Entrances> read_entrances(const Options& options) {
  Entrances out;
  for (const auto& text : options.listen) {
    const auto refuse = [&](const char* why) {
      return base::refuse(base::Reason::Configuration, "--listen " + text + why);
    };
    auto address = parse_listen_address(text);
    if (!address) return std::unexpected(address.error());
    if (address->kind != ListenAddress::Kind::Unix) {
      if (options.password_file.empty()) return refuse(" wants --password-file");
      if (address->kind == ListenAddress::Kind::Tls && options.tls_certificate.empty())
        return refuse(" wants --tls-certificate");
      if (!options.listen_anywhere && !transport::is_loopback(address->host))
        return refuse(": not a loopback address; say --listen-anywhere if you mean it");
    }
    out.addresses.push_back(std::move(*address));
  }
  if (!options.password_file.empty()) {
    auto passwords = PasswordFile::read(options.password_file);
    if (!passwords) return std::unexpected(passwords.error());
    out.passwords = std::move(*passwords);
  }
  try {
    if (!options.tls_certificate.empty())
      out.identity = std::make_shared<transport::TlsServerIdentity>(
          options.tls_certificate, options.tls_key.empty() ? options.tls_certificate : options.tls_key);
  } catch (const transport::TlsError& error) {
    return base::refuse(base::Reason::Configuration, error.what());
  }
  return out;
}

}  // namespace server
