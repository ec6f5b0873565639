// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/transport/deflate_stream.h"

#include <zlib.h>

#include <array>
#include <stdexcept>
#include <string>

namespace transport {

namespace {

class DeflateStream final : public Stream {
 public:
  DeflateStream(std::unique_ptr<Stream> below, int level) : below_(std::move(below)) {
    if (::deflateInit2(&out_, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
    if (::inflateInit2(&in_, -15) != Z_OK) {
      ::deflateEnd(&out_);
      throw std::bad_alloc();
    }
  }
  ~DeflateStream() override {
    ::deflateEnd(&out_);
    ::inflateEnd(&in_);
  }
  DeflateStream(const DeflateStream&) = delete;
  DeflateStream& operator=(const DeflateStream&) = delete;

  asio::awaitable<std::size_t> read_some(asio::mutable_buffer into) override {
    in_.next_out = static_cast<Bytef*>(into.data());
    in_.avail_out = static_cast<uInt>(into.size());
    for (;;) {
      const auto result = ::inflate(&in_, Z_SYNC_FLUSH);
      if (in_.avail_out < into.size()) co_return into.size() - in_.avail_out;
      if (result == Z_STREAM_END) co_return 0;
      if (result != Z_OK && result != Z_BUF_ERROR) throw std::runtime_error("the peer's compressed data is damaged");
      if (in_.avail_in > 0) continue;
      const auto n = co_await below_->read_some(asio::buffer(input_));
      if (n == 0) co_return 0;
      in_.next_in = input_.data();
      in_.avail_in = static_cast<uInt>(n);
    }
  }

  asio::awaitable<void> write(asio::const_buffer bytes) override {
    out_.next_in = static_cast<Bytef*>(const_cast<void*>(bytes.data()));
    out_.avail_in = static_cast<uInt>(bytes.size());
    pending_ = true;
    co_await run(Z_NO_FLUSH);
  }

  asio::awaitable<void> flush() override {
    if (pending_) {
      out_.avail_in = 0;
      pending_ = false;
      co_await run(Z_SYNC_FLUSH);
    }
    co_await below_->flush();
  }

  void close() override { below_->close(); }
  asio::any_io_executor executor() override { return below_->executor(); }

 private:
  asio::awaitable<void> run(int mode) {
    do {
      out_.next_out = output_.data();
      out_.avail_out = output_.size();
      ::deflate(&out_, mode);
      const auto n = output_.size() - out_.avail_out;
      if (n > 0) co_await below_->write(asio::buffer(output_.data(), n));
    } while (out_.avail_out == 0);
  }

  std::unique_ptr<Stream> below_;
  z_stream out_{};
  z_stream in_{};
  bool pending_ = false;
  std::array<Bytef, 32768> input_;
  std::array<Bytef, 32768> output_;
};

}  // namespace

std::unique_ptr<Stream> make_deflate_stream(std::unique_ptr<Stream> below, int level) {
  return std::make_unique<DeflateStream>(std::move(below), level);
}

}  // namespace transport
