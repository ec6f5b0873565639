// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/local/stored_text.h"

#include <string>
#include <string_view>

namespace mirror {

namespace {

constexpr std::uint64_t kPiece = 256 * 1024, kInMemory = 256 * 1024;

class Pieces final : public imap::SpooledText::Reader {
 public:
  explicit Pieces(store::Octets octets) : octets_(std::move(octets)) {}
  std::string_view next() override {
    piece_.clear();
    octets_.append_to(piece_, at_, kPiece);
    at_ += piece_.size();
    return piece_;
  }

 private:
  store::Octets octets_;
  std::uint64_t at_ = 0;
  std::string piece_;
};

}  // namespace

std::unique_ptr<imap::SpooledText::Reader> StoredText::reader() const { return std::make_unique<Pieces>(octets_); }

imap::Literal text_of(store::Octets octets) {
  if (octets.size() > kInMemory) return imap::Literal(std::make_shared<StoredText>(std::move(octets)));
  std::string text;
  text.reserve(octets.size());
  octets.append_to(text, 0, octets.size());
  return imap::Literal(std::move(text));
}

}  // namespace mirror
