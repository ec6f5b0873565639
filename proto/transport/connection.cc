// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/transport/connection.h"

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <stdexcept>

namespace transport {

namespace {

constexpr std::size_t kInput = 128 * 1024;

// A filter that first gives out bytes that were read before it was put in place.
class WithRest final : public Stream {
 public:
  WithRest(std::unique_ptr<Stream> below, std::string rest) : below_(std::move(below)), rest_(std::move(rest)) {}
  asio::awaitable<std::size_t> read_some(asio::mutable_buffer into) override {
    if (rest_.empty()) co_return co_await below_->read_some(into);
    const auto n = asio::buffer_copy(into, asio::buffer(rest_));
    rest_.erase(0, n);
    co_return n;
  }
  asio::awaitable<void> write(asio::const_buffer bytes) override { return below_->write(bytes); }
  asio::awaitable<void> flush() override { return below_->flush(); }
  void close() override { below_->close(); }
  asio::any_io_executor executor() override { return below_->executor(); }

 private:
  std::unique_ptr<Stream> below_;
  std::string rest_;
};

}  // namespace

Connection::Connection(std::unique_ptr<Stream> stream, imap::Framer::Side side, imap::FramerLimits limits)
    : stream_(std::move(stream)), framer_(side, std::move(limits)), flushed_(stream_->executor()) {
  flushed_.expires_at(asio::steady_timer::time_point::max());
}

asio::awaitable<std::optional<imap::Frame>> Connection::read_frame() {
  for (;;) {
    imap::Framer::Next next;
    if (workers_ != nullptr && framer_.is_spooling())
      next = co_await workers_->run([this] { return framer_.next(); });
    else
      next = framer_.next();
    switch (next) {
      case imap::Framer::Next::Frame: co_return framer_.take_frame();
      case imap::Framer::Next::SendContinue:
        output_ += "+ OK\r\n";
        co_await flush();
        break;
      case imap::Framer::Next::Refused:
        if (on_refused) on_refused(framer_);
        co_await flush();
        break;
      case imap::Framer::Next::NeedMore: {
        if (end_) co_return std::nullopt;
        if (input_.empty()) input_.resize(kInput);
        const auto n = co_await stream_->read_some(asio::buffer(input_));
        if (n == 0) end_ = true;
        bytes_read_ += n;
        framer_.give(std::string_view(input_.data(), n));
        break;
      }
    }
  }
}

bool Connection::has_frame() { return framer_.has_complete_frame(); }

asio::awaitable<void> Connection::flush() {
  while (flushing_) {
    asio::error_code ignored;
    co_await flushed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  if (output_.empty()) co_return;
  flushing_ = true;
  try {
    while (!output_.empty()) {
      writing_.clear();
      std::swap(writing_, output_);
      co_await stream_->write(asio::buffer(writing_));
      bytes_written_ += writing_.size();
      if (writing_.capacity() > 1024 * 1024) std::string().swap(writing_);
    }
    co_await stream_->flush();
  } catch (...) {
    flushing_ = false;
    flushed_.cancel();
    throw;
  }
  flushing_ = false;
  flushed_.cancel();
}

asio::awaitable<void> Connection::drain() {
  if (wants_drain()) co_await flush();
}

bool Connection::has_unread_input() const { return framer_.buffered() > 0; }

void Connection::upgrade(const Wrap& wrap) {
  if (has_unread_input())
    throw std::runtime_error("unread input before the upgrade: somebody may have put words into the peer's mouth");
  stream_ = wrap(std::move(stream_));
}

void Connection::upgrade_keeping_input(const Wrap& wrap) {
  auto rest = framer_.take_rest();
  if (!rest.empty()) stream_ = std::make_unique<WithRest>(std::move(stream_), std::move(rest));
  stream_ = wrap(std::move(stream_));
}

void Connection::close() { stream_->close(); }

}  // namespace transport
