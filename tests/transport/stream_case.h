// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// What the tests of streams share: a loop, certificates, and streams that fail when they are told to.
#pragma once

#include <signal.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>

#include <exception>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "proto/transport/deflate_stream.h"
#include "proto/transport/fd_stream.h"
#include "proto/transport/tls_stream.h"
#include "tests/support/certificate.h"
#include "tests/support/temp_directory.h"

namespace tests {

using transport::Stream;
using StreamPair = std::pair<std::unique_ptr<Stream>, std::unique_ptr<Stream>>;

class StreamCase : public testing::Test {
 protected:
  StreamCase() { ::signal(SIGPIPE, SIG_IGN); }  // as imapd and postern do

  // Runs the coroutine, and all that it leaves behind, to its end; throws what it threw.
  template <class F>
  void run(F f) {
    std::exception_ptr failure;
    asio::co_spawn(io, f, [&](std::exception_ptr thrown) { failure = thrown; });
    io.restart();
    io.run();
    if (failure) std::rethrow_exception(failure);
  }
  // Beside what runs; its failure is another's end.
  template <class F>
  void beside(F f) {
    asio::co_spawn(io, f, asio::detached);
  }

  StreamPair tls(StreamPair below, const transport::TlsClientOptions& options) {
    return {transport::make_tls_client(std::move(below.first), options),
            transport::make_tls_server(std::move(below.second), identity())};
  }
  static StreamPair deflated(StreamPair below) {
    return {transport::make_deflate_stream(std::move(below.first)),
            transport::make_deflate_stream(std::move(below.second))};
  }
  StreamPair plain() { return transport::make_stream_pair(io.get_executor()); }

  transport::TlsClientOptions trusting() {
    transport::TlsClientOptions out;
    out.host = "localhost";
    out.ca_file = certificate().file;
    return out;
  }
  const Certificate& certificate() {
    if (!certificate_) certificate_ = std::make_unique<Certificate>(directory.path(), wish);
    return *certificate_;
  }
  std::shared_ptr<const transport::TlsServerIdentity> identity() {
    return std::make_shared<transport::TlsServerIdentity>(certificate().file, certificate().key_file);
  }

  asio::io_context io;
  TempDirectory directory;
  CertificateWish wish;

 private:
  std::unique_ptr<Certificate> certificate_;
};

// The n-th read or write, counted together, fails.
class FailingStream final : public Stream {
 public:
  FailingStream(std::unique_ptr<Stream> below, int fail_at) : below_(std::move(below)), left_(fail_at) {}
  asio::awaitable<std::size_t> read_some(asio::mutable_buffer into) override {
    count();
    co_return co_await below_->read_some(into);
  }
  asio::awaitable<void> write(asio::const_buffer bytes) override {
    count();
    co_await below_->write(bytes);
  }
  asio::awaitable<void> flush() override { return below_->flush(); }
  void close() override { below_->close(); }
  asio::any_io_executor executor() override { return below_->executor(); }

 private:
  void count() {
    if (--left_ > 0) return;
    below_->close();
    throw std::system_error(std::make_error_code(std::errc::io_error), "as the test wants it");
  }
  std::unique_ptr<Stream> below_;
  int left_;
};

inline asio::awaitable<std::string> read_exactly(Stream& stream, std::size_t size) {
  std::string out(size, 0);
  for (std::size_t at = 0; at < size;) {
    const auto n = co_await stream.read_some(asio::buffer(out.data() + at, size - at));
    if (n == 0) throw std::runtime_error("the stream ended early");
    at += n;
  }
  co_return out;
}

inline asio::awaitable<void> say(Stream& stream, std::string_view text) {
  co_await stream.write(asio::buffer(text));
  co_await stream.flush();
}

}  // namespace tests
