// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/mail/digest.h"

#include <openssl/evp.h>

#include <cstring>
#include <memory>
#include <string_view>

#include "proto/flags.h"

namespace mail {

namespace {

// OpenSSL looks for an algorithm each time that it is named.
const EVP_MD* sha256() {
  static const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> found{EVP_MD_fetch(nullptr, "SHA256", nullptr),
                                                                     EVP_MD_free};
  return found ? found.get() : EVP_sha256();
}

}  // namespace

struct Sha256::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
  void begin() const { EVP_DigestInit_ex(context.get(), sha256(), nullptr); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) { state_->begin(); }
Sha256::~Sha256() = default;
void Sha256::add(std::string_view piece) { EVP_DigestUpdate(state_->context.get(), piece.data(), piece.size()); }
std::string Sha256::finish() {
  std::string out(32, 0);
  EVP_DigestFinal_ex(state_->context.get(), reinterpret_cast<unsigned char*>(out.data()), nullptr);
  state_->begin();
  return out;
}

namespace {

// Calls f(run) for what lies between CRs.
template <class F>
void without_cr(std::string_view piece, F f) {
  while (!piece.empty()) {
    const auto* cr = static_cast<const char*>(std::memchr(piece.data(), '\r', piece.size()));
    const auto run = cr ? piece.substr(0, static_cast<std::size_t>(cr - piece.data())) : piece;
    if (!run.empty()) f(run);
    piece.remove_prefix(run.size() + (cr ? 1 : 0));
  }
}

// Gives a header on without the lines of synchronisers, and what follows it as it is. A line is looked at once it is
// whole, or longer than any of those names.
class WithoutAddedLines {
 public:
  explicit WithoutAddedLines(Sha256& out) : out_(out) {}

  void add(std::string_view run) {
    while (!run.empty() && in_header_) {
      const auto end = run.find('\n');
      const auto part = run.substr(0, end == std::string_view::npos ? run.size() : end + 1);
      run.remove_prefix(part.size());
      line_ += part;
      if (part.ends_with('\n') || line_.size() > kLongest) pass_on(part.ends_with('\n'));
    }
    if (!run.empty()) out_.add(run);
  }
  void finish() {
    if (!line_.empty()) pass_on(true);
  }

 private:
  static constexpr std::size_t kLongest = 64;
  static bool is_added(std::string_view line) {
    for (const std::string_view name : {"X-TUID:", "X-OfflineIMAP:"})
      if (line.size() >= name.size() && imap::equal_ignoring_case(line.substr(0, name.size()), name)) return true;
    return false;
  }
  void pass_on(bool ends) {
    if (begins_) {
      const bool folded = line_.starts_with(' ') || line_.starts_with('\t');
      if (!folded) dropped_ = is_added(line_);
      if (line_ == "\n") in_header_ = false;
    }
    if (!dropped_) out_.add(line_);
    line_.clear();
    begins_ = ends;
  }

  Sha256& out_;
  std::string line_;
  bool in_header_ = true, begins_ = true, dropped_ = false;
};

}  // namespace

std::string content_digest_of(const imap::Literal& text) {
  Sha256 out;
  WithoutAddedLines lines(out);
  text.for_each_piece(
      [&](std::string_view piece) { without_cr(piece, [&](std::string_view run) { lines.add(run); }); });
  lines.finish();
  return out.finish();
}

Digest digest_of(const imap::Literal& text) {
  Sha256 hash;
  Digest out;
  text.for_each_piece([&](std::string_view piece) {
    without_cr(piece, [&](std::string_view run) {
      hash.add(run);
      out.size += run.size();
      for (const char c : run) out.size += c == '\n';
    });
  });
  out.sha256 = hash.finish();
  return out;
}

}  // namespace mail
