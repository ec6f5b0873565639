// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <span>
#include <string_view>

#include "store/mailbox/octets_source.h"
#include "store/maildir/maildir.h"

namespace store {

namespace {

constexpr std::uint64_t kSmall = 64 * 1024;  // octets

class HeldText final : public TextReader {
 public:
  explicit HeldText(std::string_view text) : rest_(text) {}
  std::size_t read(std::span<char> out) override {
    const auto n = rest_.copy(out.data(), out.size());
    rest_.remove_prefix(n);
    return n;
  }

 private:
  std::string_view rest_;
};

// A packed file was sound when its size was announced: what has been done to it since is as if it had been cut.
std::size_t read_or_end(TextReader& reader, std::span<char> out) {
  try {
    return reader.read(out);
  } catch (const CannotUnpack&) {
    return 0;
  }
}

}  // namespace

std::optional<std::string> read_if_small(int file, std::uint64_t size) {
  if (size > kSmall) return std::nullopt;
  std::string out(size, 0);
  std::size_t at = 0;
  while (at < out.size()) {
    const auto n = base::read_some_at(file, at, std::span(out).subspan(at));
    if (n == 0) break;
    at += n;
  }
  out.resize(at);
  return out;
}

std::uint64_t wire_size_of(std::string_view file_octets) {
  bool after_cr = false;
  return wire_octets(file_octets, after_cr);
}

void Octets::Source::append_to(std::string& out, std::uint64_t offset, std::uint64_t length) {
  if (offset < at_) restart();
  while (length > 0) {
    if (offset >= at_ && offset < at_ + piece_.size()) {
      const auto from = offset - at_;
      const auto n = std::min<std::uint64_t>(length, piece_.size() - from);
      out.append(piece_, from, n);
      offset += n;
      length -= n;
      continue;
    }
    if (!next_piece()) {
      out.append(length, ' ');
      return;
    }
  }
}

void Octets::Source::restart() {
  at_ = 0;
  reader_.reset();
  piece_.clear();
  after_cr_ = false;
}

bool Octets::Source::next_piece() {
  at_ += piece_.size();
  piece_.clear();
  buffer_.resize(std::min<std::uint64_t>(128 * 1024, std::max<std::uint64_t>(wire_size_ + 1, 512)));
  if (!reader_ && held_)
    reader_ = std::make_unique<HeldText>(*held_);
  else if (!reader_)
    reader_ = read_text(file_.get(), packing_);
  const auto n = read_or_end(*reader_, buffer_);
  if (n == 0) return false;
  if (raw_)
    piece_.assign(buffer_, 0, n);
  else
    append_wire(piece_, std::string_view(buffer_).substr(0, n), after_cr_);
  return true;
}

Octets Octets::slice(std::uint64_t offset, std::uint64_t length) const {
  Octets out = *this;
  const auto from = std::min(offset, size_);
  out.size_ = std::min(length, size_ - from);
  out.offset_ = offset_ + from;
  if (!source_) {
    out.bytes_ = bytes_.substr(from, out.size_);
    out.offset_ = 0;
  }
  return out;
}

void Octets::append_to(std::string& out, std::uint64_t offset, std::uint64_t length) const {
  if (offset >= size_) return;
  length = std::min(length, size_ - offset);
  if (source_)
    source_->append_to(out, offset_ + offset, length);
  else
    out.append(bytes_, offset, length);
}

}  // namespace store
