// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The TLS filter, over OpenSSL memory BIOs: it lies on a tunnel as well as on a socket. TLS 1.2 or newer, no
// renegotiation.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "proto/transport/stream.h"

namespace transport {

// Why a handshake failed, in a sentence that names the cause (expired, self-signed, another host's, not the pinned
// key).
struct TlsError : std::runtime_error {
  using std::runtime_error::runtime_error;
  TlsError(const std::string& why, std::string peers_key, bool is_verified)
      : runtime_error(why), key(std::move(peers_key)), verified(is_verified) {}
  // Of a peer that is not trusted, as TlsClientOptions::fingerprints have it; empty: that is not the cause.
  std::string key;
  bool verified = false;  // but for its key
};

struct TlsClientOptions {
  std::string host;  // that the certificate must bear; a name is told to the peer too (SNI)
  bool tells_host = true;
  bool verify = true;   // chain and host name
  std::string ca_file;  // empty: the system's
  std::string ca_path;
  std::vector<std::string> fingerprints;  // "digest$hex" of the public key (SPKI); when given, one must match
  std::string protocol_min;               // "TLSv1.2" (also when empty), "TLSv1.3"
  std::string protocol_max;               // the same; empty: the newest
  std::string ciphers;                    // OpenSSL cipher list for TLS 1.2
  std::string cipher_suites;              // and for TLS 1.3
};

// A certificate and key, loaded once. Throws TlsError.
class TlsServerIdentity {
 public:
  TlsServerIdentity(const std::string& certificate_file, const std::string& key_file);
  ~TlsServerIdentity();
  TlsServerIdentity(const TlsServerIdentity&) = delete;
  TlsServerIdentity& operator=(const TlsServerIdentity&) = delete;
  void* context() const { return context_; }  // SSL_CTX

 private:
  void* context_ = nullptr;
};

// The handshake happens on first read, write or handshake().
class TlsStream : public Stream {
 public:
  virtual asio::awaitable<void> handshake() = 0;  // throws TlsError
};

std::unique_ptr<TlsStream> make_tls_client(std::unique_ptr<Stream> below, const TlsClientOptions& options);
std::unique_ptr<TlsStream> make_tls_server(std::unique_ptr<Stream> below,
                                           std::shared_ptr<const TlsServerIdentity> identity);

}  // namespace transport
