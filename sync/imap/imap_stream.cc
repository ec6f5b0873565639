// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/imap/imap_stream.h"

#include "proto/base/clock.h"
#include "proto/mail/message_id.h"
#include "proto/mail/search_text.h"

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

// 1. Some commands are under way at once, each for as many UIDs as a line holds. What comes is given on in its order.
// 2. A message that comes twice is given on once (servers repeat themselves, and some tell flags with the text again).
// 3. A command that is refused is asked again for half of what it was for, until one message remains, which is left
//    out. A command that gives some and not all (MESSAGELIMIT, RFC 9738) is asked again for the rest.
// 4. Who reads finds out what was left out, and whether it is there.
class ImapStream final : public MessageStream {
 public:
  ImapStream(Client& client, const imap::UidSet& wanted) : client_(client), wanted_(wanted) {
    for (auto& part : split(wanted)) parts_.push_back(std::move(part));
  }

  asio::awaitable<std::optional<FetchedMessage>> next() override {
    for (;;) {
      co_await ask();
      if (under_way_.empty()) co_return std::nullopt;
      auto response = co_await client_.next(under_way_.front().ticket);
      if (!response) {
        const auto answer = co_await client_.end(under_way_.front().ticket);
        conclude(answer);
        continue;
      }
      auto* fetched = std::get_if<imap::FetchResponse>(&*response);
      if (fetched == nullptr) continue;
      auto message = take(*fetched);
      if (message) co_return message;
      if (++useless_ > kMostUseless)
        throw MailboxFailure(base::Reason::Failed,
                             client_.server() + " sends messages that nobody asked for, without end");
    }
  }

 private:
  struct UnderWay {
    Client::Ticket ticket;
    imap::UidSet asked;
  };

  asio::awaitable<void> ask() {
    while (under_way_.size() < kInFlight && !parts_.empty()) {
      imap::FetchCommand fetch;
      fetch.messages = by_uid(parts_.front());
      fetch.items = {item(FetchItem::Kind::Flags), item(FetchItem::Kind::InternalDate),
                     item(FetchItem::Kind::Rfc822Size), whole_text()};
      const auto ticket = co_await client_.begin(fetch);
      under_way_.push_back({ticket, std::move(parts_.front())});
      parts_.pop_front();
    }
  }

  std::optional<FetchedMessage> take(imap::FetchResponse& fetched) {
    if (!fetched.uid || !wanted_.contains(*fetched.uid) || given_.contains(*fetched.uid) || fetched.texts.empty())
      return std::nullopt;
    auto& text = fetched.texts.front().octets;
    if (!fetched.flags || !text) return std::nullopt;
    // Nothing, of a message that is something, is not its text.
    if (text->size() == 0 && fetched.size.value_or(0) > 0) return std::nullopt;
    given_.add(*fetched.uid);
    // No message is left out for its date.
    const auto date = fetched.internal_date ? fetched.internal_date->unix_seconds
                                            : mail::sent_time(mail::header_of(*text)).value_or(base::unix_now());
    return FetchedMessage{*fetched.uid, std::move(*fetched.flags), date, std::move(*text)};
  }

  void conclude(const imap::StatusResponse& answer) {
    const auto asked = std::move(under_way_.front().asked);
    under_way_.pop_front();
    const auto left = asked.minus(given_);
    const bool expunged = answer.code && answer.code->kind == imap::ResponseCode::Kind::ExpungeIssued;
    if (left.empty() || expunged) return;
    if (answer.is_ok()) {
      if (left.size() < asked.size()) again(left);
      return;
    }
    // A server that gives nothing at all is not asked for each of a hundred thousand messages.
    if (left.size() == 1 && ++refused_ >= kMostRefused && given_.empty())
      throw MailboxFailure(base::Reason::Failed, client_.server() + " does not give messages: " + answer.text);
    if (left.size() == 1) return;
    const auto middle = left.size() / 2;
    imap::UidSet halves[2];
    std::uint64_t n = 0;
    left.for_each([&](imap::Uid uid) { halves[n++ < middle ? 0 : 1].add(uid); });
    again(halves[0]);
    again(halves[1]);
  }

  void again(const imap::UidSet& uids) {
    for (auto& part : split(uids)) parts_.push_back(std::move(part));
  }

  static constexpr std::size_t kMostRefused = 32;
  static constexpr std::size_t kMostUseless = 100'000;  // FETCH lines: repeated, or of flags that have changed

  Client& client_;
  imap::UidSet wanted_, given_;
  std::deque<imap::UidSet> parts_;  // not asked for yet
  std::deque<UnderWay> under_way_;
  std::size_t refused_ = 0, useless_ = 0;
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
  return std::make_unique<ImapStream>(client, wanted);
}

}  // namespace mirror
