// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/imap/imap_stream.h"

namespace mirror {

using imap::FetchItem;

namespace {

constexpr std::size_t kSetOctets = 6000;  // of one command's UID set; servers limit the line

FetchItem whole_text() {
  FetchItem out;
  out.kind = FetchItem::Kind::BodySection;
  out.peek = true;
  return out;
}

class ImapStream final : public MessageStream {
 public:
  ImapStream(Client& client, imap::UidSet wanted)
      : client_(client), wanted_(std::move(wanted)), parts_(split(wanted_)) {}

  asio::awaitable<std::optional<FetchedMessage>> next() override {
    for (;;) {
      co_await ask();
      if (tickets_.empty()) co_return std::nullopt;
      auto response = co_await client_.next(tickets_.front());
      if (!response) {
        const auto answer = co_await client_.end(tickets_.front());
        tickets_.pop_front();
        if (!answer.is_ok() && !(answer.code && answer.code->kind == imap::ResponseCode::Kind::ExpungeIssued))
          throw MailboxFailure(base::Reason::Failed, client_.server() + " does not give messages: " + answer.text);
        continue;
      }
      auto* fetched = std::get_if<imap::FetchResponse>(&*response);
      if (fetched == nullptr || !fetched->uid || !wanted_.contains(*fetched->uid) || fetched->texts.empty()) continue;
      if (!fetched->flags || !fetched->internal_date || !fetched->texts.front().octets)
        continue;  // not given: asked again
      co_return FetchedMessage{*fetched->uid, std::move(*fetched->flags), fetched->internal_date->unix_seconds,
                               std::move(*fetched->texts.front().octets)};
    }
  }

 private:
  asio::awaitable<void> ask() {
    while (tickets_.size() < kInFlight && asked_ < parts_.size()) {
      imap::FetchCommand fetch;
      fetch.messages = by_uid(parts_[asked_++]);
      fetch.items = {item(FetchItem::Kind::Flags), item(FetchItem::Kind::InternalDate), whole_text()};
      tickets_.push_back(co_await client_.begin(fetch));
    }
  }

  Client& client_;
  imap::UidSet wanted_;
  std::vector<imap::UidSet> parts_;
  std::size_t asked_ = 0;
  std::deque<Client::Ticket> tickets_;
};

}  // namespace

FetchItem item(FetchItem::Kind kind) {
  FetchItem out;
  out.kind = kind;
  return out;
}

FetchItem message_id_field() {
  auto out = whole_text();
  out.section.text = imap::Section::Text::HeaderFields;
  out.section.fields = {"MESSAGE-ID"};
  return out;
}

imap::MessageSet by_uid(const imap::UidSet& uids) { return {imap::MessageSet::By::Uid, imap::SequenceSet::of(uids)}; }

std::vector<imap::UidSet> split(const imap::UidSet& uids) {
  std::vector<imap::UidSet> out;
  std::size_t octets = kSetOctets;
  for (const auto& range : uids.ranges()) {
    if (octets + 22 > kSetOctets) {
      out.emplace_back();
      octets = 0;
    }
    out.back().add(imap::Uid(range.first), imap::Uid(range.last));
    octets += range.first == range.last ? 11 : 22;
  }
  return out;
}

std::unique_ptr<MessageStream> make_imap_stream(Client& client, imap::UidSet wanted) {
  return std::make_unique<ImapStream>(client, std::move(wanted));
}

}  // namespace mirror
