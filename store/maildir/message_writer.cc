// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "store/maildir/message_writer.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "proto/base/fail_point.h"
#include "store/maildir/maildir.h"

namespace store {

namespace {

// So that little is left to wait for when the whole of a large message is made durable.
constexpr std::uint64_t kFlow = 8 * 1024 * 1024;

void append_without_cr(std::string& out, std::string_view piece) {
  out.reserve(out.size() + piece.size());
  for (std::size_t at = 0; at < piece.size();) {
    const auto stop = piece.find('\r', at);
    if (stop == std::string_view::npos) {
      out.append(piece, at);
      return;
    }
    out.append(piece, at, stop - at);
    at = stop + 1;
  }
}

}  // namespace

void LineEnds::see(std::string_view piece) {
  if (bare_lf_ || piece.empty()) return;
  crs_ += static_cast<std::uint64_t>(std::ranges::count(piece, '\r'));
  for (std::size_t at = 0; at < piece.size(); ++at) {
    const auto* found = static_cast<const char*>(std::memchr(piece.data() + at, '\n', piece.size() - at));
    if (found == nullptr) break;
    at = static_cast<std::size_t>(found - piece.data());
    if (!(at == 0 ? after_cr_ : piece[at - 1] == '\r')) {
      bare_lf_ = true;
      return;
    }
    ++lines_;
  }
  after_cr_ = piece.back() == '\r';
}

WrittenFile write_message(const std::filesystem::path& path, const imap::Literal& octets,
                          const std::function<void(std::string_view)>& see) {
  WrittenFile out;
  out.wire_size = octets.size();
  LineEnds ends;
  octets.for_each_piece([&](std::string_view piece) { ends.see(piece); });
  const bool convert = ends.crlf_throughout() && ends.lines() > 0;
  out.file = base::create_new(path);
  octets.for_each_piece([&](std::string_view piece) {
    if (see) see(piece);
    if (!convert) {
      base::write_all(out.file.get(), piece);
      return;
    }
    std::string bare;
    append_without_cr(bare, piece);
    base::write_all(out.file.get(), bare);
  });
  out.file_size = convert ? out.wire_size - ends.lines() : out.wire_size;
  return out;
}

MessageWriter::MessageWriter(std::filesystem::path path) : path_(std::move(path)), file_(base::create_new(path_)) {}

MessageWriter::~MessageWriter() {
  if (!finished_ && !base::FailPoint::crashed()) ::unlink(path_.c_str());
}

void MessageWriter::put(std::string_view octets) {
  base::write_all(file_.get(), octets);
  file_size_ += octets.size();
  if (file_size_ - flowing_ < kFlow) return;
  base::start_writing_back(file_.get(), flowing_, file_size_ - flowing_);
  flowing_ = file_size_;
}

void MessageWriter::write(std::string_view piece) {
  if (piece.empty()) return;
  const bool cr_is_left_out = ends_.after_cr();
  ends_.see(piece);
  wire_size_ += piece.size();
  if (bare_ && !ends_.crlf_so_far()) begin_anew(cr_is_left_out);
  if (!bare_) return put(piece);
  std::string bare;
  append_without_cr(bare, piece);
  put(bare);
}

// Until now each LF had a CR before it, which was left out.
void MessageWriter::begin_anew(bool cr_is_left_out) {
  bare_ = false;
  if (file_size_ == 0 && !cr_is_left_out) return;
  const auto before = base::open_read(path_);
  ::unlink(path_.c_str());
  file_ = base::create_new(path_);
  const auto octets = std::exchange(file_size_, 0);
  flowing_ = 0;
  std::string buffer(256 * 1024, 0), wire;
  bool after_cr = false;
  for (std::uint64_t at = 0; at < octets;) {
    const auto n = base::read_some_at(before.get(), at, std::span(buffer));
    if (n == 0) throw std::runtime_error("a message that is being written has become shorter");
    wire.clear();
    append_wire(wire, std::string_view(buffer.data(), n), after_cr);
    put(wire);
    at += n;
  }
  if (cr_is_left_out) put("\r");
}

WrittenFile MessageWriter::finish() {
  if (bare_ && !ends_.crlf_throughout()) begin_anew(ends_.after_cr());
  finished_ = true;
  return {std::move(file_), file_size_, wire_size_};
}

}  // namespace store
