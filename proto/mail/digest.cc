// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/mail/digest.h"

#include <openssl/evp.h>

#include <cstring>
#include <memory>
#include <string_view>

namespace mail {

Digest digest_of(const imap::Literal& text) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  Digest out;
  const auto add = [&](std::string_view run) { EVP_DigestUpdate(context.get(), run.data(), run.size()); };
  text.for_each_piece([&](std::string_view piece) {
    while (!piece.empty()) {
      const auto* cr = static_cast<const char*>(std::memchr(piece.data(), '\r', piece.size()));
      const auto run = cr ? piece.substr(0, static_cast<std::size_t>(cr - piece.data())) : piece;
      add(run);
      out.size += run.size();
      for (const char c : run) out.size += c == '\n';
      piece.remove_prefix(run.size() + (cr ? 1 : 0));
    }
  });
  out.sha256.resize(32);
  EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(out.sha256.data()), nullptr);
  return out;
}

}  // namespace mail
