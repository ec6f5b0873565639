// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Certificates made on the spot: for tests of TLS.
#pragma once

#include <filesystem>
#include <string>

namespace tests {

struct CertificateWish {
  std::string host = "localhost";
  long from = -3600, until = 3600;  // seconds from now
};

// Self-signed, for that host and 127.0.0.1; as PEM files in the directory.
struct Certificate {
  Certificate(const std::filesystem::path& directory, const CertificateWish& wish);
  std::string file, key_file;
  std::string fingerprint;  // "sha256$hex" of its public key
};

}  // namespace tests
