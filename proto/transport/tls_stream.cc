// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/transport/tls_stream.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstring>

namespace transport {

namespace {

struct FreeContext {
  void operator()(SSL_CTX* c) const { ::SSL_CTX_free(c); }
};
struct FreeSsl {
  void operator()(SSL* s) const { ::SSL_free(s); }
};
using ContextPtr = std::unique_ptr<SSL_CTX, FreeContext>;
using SslPtr = std::unique_ptr<SSL, FreeSsl>;

std::string last_error(const std::string& what) {
  const auto code = ::ERR_get_error();
  ::ERR_clear_error();
  const char* reason = code != 0 ? ::ERR_reason_error_string(code) : nullptr;
  return reason != nullptr ? what + ": " + reason : what;
}

// SHA-256 of the certificate's public key (SubjectPublicKeyInfo), in hex.
std::string public_key_digest(X509* certificate, const EVP_MD* kind) {
  unsigned char* der = nullptr;
  const int length = ::i2d_X509_PUBKEY(::X509_get_X509_PUBKEY(certificate), &der);
  if (length <= 0) return {};
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  ::EVP_Digest(der, static_cast<std::size_t>(length), digest.data(), &size, kind, nullptr);
  ::OPENSSL_free(der);
  std::string out;
  for (unsigned i = 0; i < size; ++i) {
    constexpr std::string_view kHex = "0123456789abcdef";
    out += kHex[digest[i] >> 4];
    out += kHex[digest[i] & 15];
  }
  return out;
}

// Of "digest$hex", or "hex" for SHA-256.
std::pair<const EVP_MD*, std::string> fingerprint_of(const std::string& text) {
  const auto dollar = text.find('$');
  const bool named = dollar != std::string::npos;
  std::string hex;
  for (const char c : named ? text.substr(dollar + 1) : text)
    if (c != ':') hex += static_cast<char>(c >= 'A' && c <= 'F' ? c + 32 : c);
  return {named ? ::EVP_get_digestbyname(text.substr(0, dollar).c_str()) : ::EVP_sha256(), hex};
}

// One that could never match would refuse each server, or, beside others, hide that it is mistyped.
void check_fingerprints(const std::vector<std::string>& fingerprints) {
  for (const auto& text : fingerprints) {
    const auto [kind, hex] = fingerprint_of(text);
    const auto name = text.substr(0, text.find('$'));
    if (kind == nullptr || ::EVP_MD_get_size(kind) <= 0) throw TlsError("SSL_fingerprint: there is no digest " + name);
    const auto digits = static_cast<std::size_t>(::EVP_MD_get_size(kind)) * 2;
    if (hex.size() != digits || hex.find_first_not_of("0123456789abcdef") != std::string::npos)
      throw TlsError("SSL_fingerprint: " + name + " has " + std::to_string(digits) + " hexadecimal digits");
  }
}

class Tls final : public TlsStream {
 public:
  Tls(std::unique_ptr<Stream> below, ContextPtr own_context, SSL_CTX* context, bool server, TlsClientOptions options)
      : below_(std::move(below)),
        context_(std::move(own_context)),
        options_(std::move(options)),
        ssl_(::SSL_new(context)) {
    if (!ssl_) throw TlsError(last_error("TLS cannot be set up"));
    in_ = ::BIO_new(::BIO_s_mem());
    out_ = ::BIO_new(::BIO_s_mem());
    ::BIO_set_mem_eof_return(in_, -1);
    ::BIO_set_mem_eof_return(out_, -1);
    ::SSL_set_bio(ssl_.get(), in_, out_);
    server ? ::SSL_set_accept_state(ssl_.get()) : ::SSL_set_connect_state(ssl_.get());
    if (!server) name_peer();
  }

  asio::awaitable<void> handshake() override {
    while (!established_) {
      const int result = ::SSL_do_handshake(ssl_.get());
      std::string failure;
      bool want_read = false;
      if (result == 1) {
        established_ = true;
        failure = pin_failure();
      } else if (::SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ) {
        want_read = true;
      } else {
        failure = handshake_failure();
      }
      co_await send_pending();
      if (!failure.empty()) throw TlsError(failure, refused_key_, established_);
      if (!want_read) continue;
      const bool more = co_await receive();
      if (!more) throw TlsError("the peer closed the connection during the TLS handshake");
    }
  }

  asio::awaitable<std::size_t> read_some(asio::mutable_buffer into) override {
    if (!established_) co_await handshake();
    for (;;) {
      const int n = ::SSL_read(ssl_.get(), into.data(), static_cast<int>(std::min<std::size_t>(into.size(), 1 << 30)));
      if (n > 0) co_return static_cast<std::size_t>(n);
      const int error = ::SSL_get_error(ssl_.get(), n);
      if (error == SSL_ERROR_ZERO_RETURN) co_return 0;
      if (error != SSL_ERROR_WANT_READ) throw TlsError(last_error("TLS read failed"));
      const bool more = co_await receive();
      if (!more) co_return 0;
    }
  }

  asio::awaitable<void> write(asio::const_buffer bytes) override {
    if (!established_) co_await handshake();
    const auto* at = static_cast<const char*>(bytes.data());
    for (std::size_t left = bytes.size(); left > 0;) {
      const auto piece = std::min<std::size_t>(left, 128 * 1024);
      const int n = ::SSL_write(ssl_.get(), at, static_cast<int>(piece));
      if (n <= 0) throw TlsError(last_error("TLS write failed"));
      at += n;
      left -= static_cast<std::size_t>(n);
      co_await send_pending();
    }
  }

  asio::awaitable<void> flush() override { co_await below_->flush(); }
  void close() override { below_->close(); }
  asio::any_io_executor executor() override { return below_->executor(); }

 private:
  void name_peer() {
    auto* parameters = ::SSL_get0_param(ssl_.get());
    const bool address = ::X509_VERIFY_PARAM_set1_ip_asc(parameters, options_.host.c_str()) == 1;
    if (options_.tells_host && !address) ::SSL_set_tlsext_host_name(ssl_.get(), options_.host.c_str());
    if (options_.verify) {
      SSL_set_app_data(ssl_.get(), this);
      ::SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER, &on_verified);
    }
    if (!options_.verify || address) return;
    if (options_.host.empty()) throw TlsError("there is no name that the peer's certificate could be compared with");
    ::X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (::X509_VERIFY_PARAM_set1_host(parameters, options_.host.c_str(), 0) != 1)
      throw TlsError(last_error("the name " + options_.host + " cannot be asked for"));
  }

  // A certificate that is refused is not kept by OpenSSL.
  static int on_verified(int good, X509_STORE_CTX* store) {
    const auto* ssl = static_cast<SSL*>(::X509_STORE_CTX_get_ex_data(store, ::SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* self = ssl == nullptr ? nullptr : static_cast<Tls*>(SSL_get_app_data(ssl));
    auto* certificate = ::X509_STORE_CTX_get0_cert(store);
    if (good == 0 && self != nullptr && certificate != nullptr)
      self->refused_key_ = "sha256$" + public_key_digest(certificate, ::EVP_sha256());
    return good;
  }

  std::string handshake_failure() {
    const auto verified = ::SSL_get_verify_result(ssl_.get());
    if (verified != X509_V_OK)
      return "the certificate of " + options_.host + " is refused: " + ::X509_verify_cert_error_string(verified);
    return last_error("the TLS handshake failed");
  }

  std::string pin_failure() {
    if (options_.fingerprints.empty()) return {};
    X509* certificate = ::SSL_get1_peer_certificate(ssl_.get());
    if (certificate == nullptr) return "the peer has no certificate";
    const auto key = "sha256$" + public_key_digest(certificate, ::EVP_sha256());
    bool matches = false;
    for (const auto& pinned : options_.fingerprints) {
      const auto [kind, hex] = fingerprint_of(pinned);
      matches = matches || (kind != nullptr && hex == public_key_digest(certificate, kind));
    }
    ::X509_free(certificate);
    if (matches) return {};
    refused_key_ = key;
    return "the public key of " + options_.host + " is not the pinned one; it is " + key;
  }

  asio::awaitable<void> send_pending() {
    char* bytes = nullptr;
    const auto n = BIO_get_mem_data(out_, &bytes);
    if (n <= 0) co_return;
    const std::string copy(bytes, static_cast<std::size_t>(n));
    (void)BIO_reset(out_);
    co_await below_->write(asio::buffer(copy));
  }

  asio::awaitable<bool> receive() {
    const auto n = co_await below_->read_some(asio::buffer(input_));
    if (n > 0) ::BIO_write(in_, input_.data(), static_cast<int>(n));
    co_return n > 0;
  }

  std::unique_ptr<Stream> below_;
  ContextPtr context_;
  TlsClientOptions options_;
  SslPtr ssl_;
  BIO* in_ = nullptr;  // both belong to ssl_
  BIO* out_ = nullptr;
  bool established_ = false;
  std::string refused_key_;
  std::array<char, 32768> input_;
};

}  // namespace

TlsServerIdentity::TlsServerIdentity(const std::string& certificate_file, const std::string& key_file) {
  ContextPtr context(::SSL_CTX_new(::TLS_server_method()));
  if (!context) throw TlsError(last_error("TLS cannot be set up"));
  ::SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  ::SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  if (::SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1)
    throw TlsError(last_error("the certificate " + certificate_file + " cannot be used"));
  if (::SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    throw TlsError(last_error("the key " + key_file + " cannot be used"));
  context_ = context.release();
}

TlsServerIdentity::~TlsServerIdentity() { ::SSL_CTX_free(static_cast<SSL_CTX*>(context_)); }

std::unique_ptr<TlsStream> make_tls_client(std::unique_ptr<Stream> below, const TlsClientOptions& options) {
  ContextPtr context(::SSL_CTX_new(::TLS_client_method()));
  if (!context) throw TlsError(last_error("TLS cannot be set up"));
  ::SSL_CTX_set_min_proto_version(context.get(), options.protocol_min == "TLSv1.3" ? TLS1_3_VERSION : TLS1_2_VERSION);
  ::SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
  if (options.protocol_max == "TLSv1.2") ::SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  if (!options.cipher_suites.empty() && ::SSL_CTX_set_ciphersuites(context.get(), options.cipher_suites.c_str()) != 1)
    throw TlsError(last_error("the cipher suites cannot be used"));
  check_fingerprints(options.fingerprints);
  if (!options.ciphers.empty() && ::SSL_CTX_set_cipher_list(context.get(), options.ciphers.c_str()) != 1)
    throw TlsError(last_error("the cipher list cannot be used"));
  if (options.verify) {
    const bool given = !options.ca_file.empty() || !options.ca_path.empty();
    const int loaded = given ? ::SSL_CTX_load_verify_locations(
                                   context.get(), options.ca_file.empty() ? nullptr : options.ca_file.c_str(),
                                   options.ca_path.empty() ? nullptr : options.ca_path.c_str())
                             : ::SSL_CTX_set_default_verify_paths(context.get());
    if (loaded != 1)
      throw TlsError(
          last_error("the certificate authorities " + options.ca_file + options.ca_path + " cannot be read"));
    ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  }
  auto* raw = context.get();
  return std::make_unique<Tls>(std::move(below), std::move(context), raw, false, options);
}

std::unique_ptr<TlsStream> make_tls_server(std::unique_ptr<Stream> below,
                                           std::shared_ptr<const TlsServerIdentity> identity) {
  auto* raw = static_cast<SSL_CTX*>(identity->context());
  return std::make_unique<Tls>(std::move(below), nullptr, raw, true, TlsClientOptions{});
}

}  // namespace transport
