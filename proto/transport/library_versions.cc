// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/transport/library_versions.h"

#include <openssl/crypto.h>
#include <zlib.h>

#include <asio/version.hpp>

namespace transport {

std::string library_versions() {
  constexpr int kAsio = ASIO_VERSION;
  return std::string("OpenSSL ") + OpenSSL_version(OPENSSL_VERSION_STRING) + ", zlib " + zlibVersion() + ", Asio " +
         std::to_string(kAsio / 100000) + "." + std::to_string(kAsio / 100 % 1000) + "." + std::to_string(kAsio % 100);
}

}  // namespace transport
