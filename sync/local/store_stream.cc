// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/local/store_stream.h"

#include <deque>
#include <optional>
#include <utility>

#include "sync/local/stored_text.h"

namespace mirror {

namespace {

constexpr std::size_t kReadMessages = 128;
constexpr std::size_t kReadOctets = 4 * 1024 * 1024;

// Reads ahead on a worker, a chunk at a time.
class StoreStream final : public MessageStream {
 public:
  StoreStream(std::shared_ptr<store::Mailbox> mailbox, transport::WorkerPool& workers, const imap::UidSet& uids)
      : mailbox_(std::move(mailbox)), workers_(workers), reader_(mailbox_->reader()) {
    for (auto& message : mailbox_->messages(uids))
      if (message.complete) waiting_.push_back(std::move(message));
  }

  asio::awaitable<std::optional<FetchedMessage>> next() override {
    while (ready_.empty() && !waiting_.empty()) co_await workers_.run([this] { read(); });
    if (ready_.empty()) co_return std::nullopt;
    std::optional<FetchedMessage> out(std::move(ready_.front()));
    ready_.pop_front();
    co_return out;
  }

 private:
  void read() {
    std::size_t octets = 0;
    while (!waiting_.empty() && ready_.size() < kReadMessages && octets < kReadOctets) {
      auto message = std::move(waiting_.front());
      waiting_.pop_front();
      const auto found = reader_->section(message.uid, imap::Section{});
      if (!found) continue;
      octets += found->octets.size();
      ready_.push_back(
          {message.uid, std::move(message.flags), message.internal_date, text_of(std::move(found->octets))});
    }
  }

  std::shared_ptr<store::Mailbox> mailbox_;
  transport::WorkerPool& workers_;
  std::unique_ptr<store::ContentReader> reader_;
  std::deque<store::Message> waiting_;
  std::deque<FetchedMessage> ready_;
};

}  // namespace

std::unique_ptr<MessageStream> make_store_stream(std::shared_ptr<store::Mailbox> mailbox,
                                                 transport::WorkerPool& workers, const imap::UidSet& uids) {
  return std::make_unique<StoreStream>(std::move(mailbox), workers, uids);
}

}  // namespace mirror
