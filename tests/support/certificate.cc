// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>

namespace tests {

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)>;
using X509Ptr = std::unique_ptr<X509, decltype(&::X509_free)>;
using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

void add_extension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  auto* extension = ::X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (extension == nullptr) throw std::runtime_error("no such extension: " + value);
  ::X509_add_ext(certificate, extension, -1);
  ::X509_EXTENSION_free(extension);
}

std::string digest_of(X509* certificate) {
  unsigned char* der = nullptr;
  const int length = ::i2d_X509_PUBKEY(::X509_get_X509_PUBKEY(certificate), &der);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  ::EVP_Digest(der, static_cast<std::size_t>(length), digest.data(), &size, ::EVP_sha256(), nullptr);
  ::OPENSSL_free(der);
  std::string out = "sha256$";
  for (unsigned i = 0; i < size; ++i) {
    char hex[3];
    std::snprintf(hex, sizeof hex, "%02x", digest[i]);
    out += hex;
  }
  return out;
}

}  // namespace

Certificate::Certificate(const std::filesystem::path& directory, const CertificateWish& wish)
    : file(directory / (wish.host + ".crt")), key_file(directory / (wish.host + ".key")) {
  const Key key(::EVP_EC_gen("P-256"), ::EVP_PKEY_free);
  const X509Ptr certificate(::X509_new(), ::X509_free);
  ::X509_set_version(certificate.get(), 2);
  ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate.get()), 1);
  ::X509_gmtime_adj(X509_getm_notBefore(certificate.get()), wish.from);
  ::X509_gmtime_adj(X509_getm_notAfter(certificate.get()), wish.until);
  ::X509_set_pubkey(certificate.get(), key.get());
  auto* name = ::X509_get_subject_name(certificate.get());
  ::X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(wish.host.c_str()), -1,
                               -1, 0);
  ::X509_set_issuer_name(certificate.get(), name);
  add_extension(certificate.get(), NID_subject_alt_name, "DNS:" + wish.host + ",IP:127.0.0.1");
  add_extension(certificate.get(), NID_basic_constraints, "CA:TRUE");
  if (::X509_sign(certificate.get(), key.get(), ::EVP_sha256()) == 0) throw std::runtime_error("cannot sign");
  const File out(std::fopen(file.c_str(), "w"), &std::fclose), key_out(std::fopen(key_file.c_str(), "w"), &std::fclose);
  ::PEM_write_X509(out.get(), certificate.get());
  ::PEM_write_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  fingerprint = digest_of(certificate.get());
}

}  // namespace tests
