// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/imap/imap_stream.h"

#include <algorithm>
#include <map>

#include "proto/base/clock.h"
#include "proto/mail/digest.h"
#include "proto/mail/message_id.h"
#include "proto/mail/sent_date.h"
#include "sync/imap/message_limit.h"
#include "sync/imap/uid_parts.h"
#include "sync/imap/uid_search.h"

namespace mirror {

using imap::FetchItem;

namespace {

constexpr std::uint64_t kAtOnce = 1000;  // messages whose sizes one command asks for
constexpr std::uint64_t kFew = 8;        // for which a line each says no more than a search does

FetchItem whole_text() {
  FetchItem out;
  out.kind = FetchItem::Kind::BodySection;
  out.peek = true;
  return out;
}

// 1. Some commands are under way at once, each for as many UIDs as a line holds. What comes is given on in its order.
// 2. A message that comes twice is given on once (servers repeat themselves, and some tell flags with the text again).
// 3. What is refused or left out is asked for again in parts (UidParts). Who reads finds out what was left out at last,
//    and whether it is there.
// 4. A text that is shorter than RFC822.SIZE, also with a CR at each line end, may be cut off, or the server counts
//    roughly (Exchange's default). It is asked for once more: only what comes twice is the message. Three times so,
//    and small differences are no longer looked into.
// 5. What is too large to be read is not asked for. Which messages are, is asked before, some commands ahead, so that
//    it costs one turn: by SEARCH LARGER, which answers in one line; the sizes of few messages, of those that it names,
//    and with servers that refuse it, by FETCH. Where the answer is wrong, the text tells.
class ImapStream final : public MessageStream {
 public:
  ImapStream(Client& client, const imap::UidSet& wanted, KnownSizes known)
      : client_(client), wanted_(wanted), known_(std::move(known)), parts_(client.server(), wanted) {}

  asio::awaitable<std::optional<FetchedMessage>> next() override {
    for (;;) {
      co_await ask();
      if (!searches_.empty() && (under_way_.empty() || client_.is_answered(searches_.front().ticket))) {
        co_await end_search();
        continue;
      }
      if (under_way_.empty()) co_return std::nullopt;
      auto response = co_await client_.next(under_way_.front().ticket);
      if (!response) {
        const auto answer = co_await client_.end(under_way_.front().ticket);
        conclude(answer);
        continue;
      }
      auto* fetched = std::get_if<imap::FetchResponse>(&*response);
      if (fetched == nullptr) continue;
      // Whichever command is the oldest: Dovecot goes on with the next ones while its output waits, and answers them
      // one between the other.
      note_size(*fetched);
      auto message = take(*fetched);
      if (message) co_return message;
      if (fetched->texts.empty() && under_way_.front().sizes) continue;
      if (fetched->uid && told_.contains(*fetched->uid)) continue;
      if (++useless_ > kMostUseless)
        throw MailboxFailure(base::Reason::Failed,
                             client_.server() + " sends messages that nobody asked for, without end");
    }
  }

  imap::UidSet refused() const override { return parts_.refused(); }
  std::map<imap::Uid, std::string> withheld() const override { return withheld_; }

 private:
  struct UnderWay {
    Client::Ticket ticket;
    imap::UidSet asked;
    bool sizes = false;  // asked for; else texts
  };

  struct Search {
    Client::Ticket ticket;
    imap::UidSet asked;
    std::shared_ptr<std::optional<imap::UidSet>> large;  // those that it has named; the client may outlive this
  };

  asio::awaitable<void> ask() {
    while (under_way_.size() + searches_.size() < kInFlight) {
      if (!sized_.empty())
        co_await begin(taken_from(sized_), false);
      else if (!unsized_.empty())
        co_await begin(taken_from(unsized_), true);
      else if (!parts_.empty())
        co_await begin(parts_.next(kAtOnce));
      else
        co_return;
    }
  }

  static imap::UidSet taken_from(std::deque<imap::UidSet>& queue) {
    auto out = std::move(queue.front());
    queue.pop_front();
    return out;
  }

  asio::awaitable<void> begin(imap::UidSet part) {
    auto unknown = part.minus(known_.fine);  // what is large is so, whatever else is believed of it
    for (const auto& [uid, size] : known_.large) unknown = unknown.minus(imap::UidSet::of(uid));
    if (unknown.empty())
      end_sizes(std::move(part));
    else if (unknown.size() > kFew && can_search_)
      co_await begin_search(std::move(part));
    else
      co_await begin(std::move(part), true);
  }

  asio::awaitable<void> begin(imap::UidSet part, bool sizes) {
    imap::FetchCommand fetch;
    fetch.messages = by_uid(part);
    fetch.items = {item(FetchItem::Kind::Rfc822Size)};
    if (!sizes)
      fetch.items = {item(FetchItem::Kind::Flags), item(FetchItem::Kind::InternalDate),
                     item(FetchItem::Kind::Rfc822Size), whole_text()};
    const auto ticket = co_await client_.begin(fetch);
    under_way_.push_back({ticket, std::move(part), sizes});
  }

  asio::awaitable<void> begin_search(imap::UidSet part) {
    auto large = std::make_shared<std::optional<imap::UidSet>>();
    const auto ticket =
        co_await client_.begin(search_for_larger(part, kLargestMessage), [large](imap::Response& response) {
          auto found = found_uids(response);
          if (!found) return;
          if (*large) found->add(**large);
          *large = std::move(found);
        });
    searches_.push_back({ticket, std::move(part), std::move(large)});
  }

  // Where it did not answer for all of them, their sizes are asked for one by one.
  asio::awaitable<void> end_search() {
    const auto [ticket, asked, large] = std::move(searches_.front());
    searches_.pop_front();
    const auto answer = co_await client_.end(ticket);
    if (!answer.is_ok() || !*large || stopped_at(answer)) {
      can_search_ = false;
      unsized_.push_back(asked);
      co_return;
    }
    const auto named = (*large)->intersect(asked);
    if (!named.empty()) unsized_.push_back(named);
    end_sizes(asked.minus(named));
  }

  void note_size(const imap::FetchResponse& fetched) {
    if (fetched.uid && fetched.size && wanted_.contains(*fetched.uid)) known_.note(*fetched.uid, *fetched.size);
  }

  // What no size was told of is asked for all the same.
  void end_sizes(imap::UidSet asked) {
    for (const auto& [uid, size] : known_.large) {
      if (!asked.contains(uid)) continue;
      withheld_[uid] = "it is too large (" + std::to_string(size / 1'000'000) + " MB)";
      asked = asked.minus(imap::UidSet::of(uid));
    }
    known_.fine.add(asked);
    if (!asked.empty()) sized_.push_back(std::move(asked));
  }

  // What is told of a message, in one line or in several (Gmail; some servers tell what they have at hand before the
  // rest).
  struct Told {
    std::optional<imap::FlagSet> flags;
    std::optional<std::int64_t> date;
    std::uint64_t size = 0;
    std::optional<imap::Literal> text;
  };

  std::optional<FetchedMessage> take(imap::FetchResponse& fetched) {
    if (!fetched.uid || !wanted_.contains(*fetched.uid) || given_.contains(*fetched.uid)) return std::nullopt;
    if (!fetched.flags && !fetched.internal_date && fetched.texts.empty()) return std::nullopt;
    const auto uid = *fetched.uid;
    auto& told = told_[uid];
    if (fetched.flags) told.flags = std::move(*fetched.flags);
    if (fetched.internal_date) told.date = fetched.internal_date->unix_seconds;
    if (fetched.size) told.size = *fetched.size;
    if (!fetched.texts.empty() && fetched.texts.front().octets) told.text = std::move(*fetched.texts.front().octets);
    if (!told.flags || !told.text) return std::nullopt;
    // Nothing, of a message that is something, is not its text.
    const bool empty = told.text->size() == 0 && told.size > 0;
    if (empty || (told.text->size() < told.size && may_be_cut(uid, *told.text, told.size))) {
      told.text.reset();
      return std::nullopt;
    }
    given_.add(uid);
    // No message is left out for its date.
    const auto date = told.date ? *told.date : mail::sent_time(mail::header_of(*told.text)).value_or(base::unix_now());
    FetchedMessage out{uid, std::move(*told.flags), date, std::move(*told.text)};
    told_.erase(uid);
    return out;
  }

  bool may_be_cut(imap::Uid uid, const imap::Literal& text, std::uint64_t announced) {
    const auto digest = mail::digest_of(text);
    if (digest.size >= announced) return false;
    const bool near = announced - digest.size <= 64 + announced / 32;
    if (near && counts_roughly_ >= kConvinced) return false;
    const auto [before, first_time] = short_.emplace(uid, digest);
    if (!first_time && before->second == digest) {
      ++counts_roughly_;
      return false;
    }
    if (first_time) cut_.add(uid);
    return true;
  }

  void conclude(const imap::StatusResponse& answer) {
    const auto asked = std::move(under_way_.front().asked);
    const bool sizes = under_way_.front().sizes;
    under_way_.pop_front();
    if (sizes) return end_sizes(asked);
    const auto once_more = asked.intersect(cut_);
    cut_ = cut_.minus(once_more);
    std::erase_if(told_, [&](const auto& one) { return asked.contains(one.first); });  // it was all about them
    parts_.again(once_more);
    parts_.answered(asked, asked.minus(given_).minus(once_more), answer);
  }

  static constexpr std::size_t kConvinced = 3;
  static constexpr std::size_t kMostUseless = 100'000;  // FETCH lines: repeated, or of flags that have changed

  Client& client_;
  imap::UidSet wanted_, given_;
  KnownSizes known_;
  UidParts parts_;  // not asked for yet
  // The same: those that are not too large, and those of which SEARCH has not said so.
  std::deque<imap::UidSet> sized_, unsized_;
  bool can_search_ = true;
  std::map<imap::Uid, std::string> withheld_;
  std::map<imap::Uid, Told> told_;  // of which something is missing yet
  std::deque<UnderWay> under_way_;
  std::deque<Search> searches_;
  std::map<imap::Uid, mail::Digest> short_;  // shorter than announced, as they came first
  imap::UidSet cut_;                         // of them: to be asked for once more
  std::size_t counts_roughly_ = 0, useless_ = 0;
};

}  // namespace

FetchItem item(FetchItem::Kind kind) {
  FetchItem out;
  out.kind = kind;
  return out;
}

FetchItem header_fields(std::vector<std::string> names) {
  auto out = whole_text();
  out.section.text = imap::Section::Text::HeaderFields;
  out.section.fields = std::move(names);
  return out;
}

imap::MessageSet by_uid(const imap::UidSet& uids) { return {imap::MessageSet::By::Uid, imap::SequenceSet::of(uids)}; }

std::vector<imap::UidSet> split(const imap::UidSet& uids, std::size_t others, std::uint64_t most) {
  std::vector<imap::UidSet> out;
  const auto room = kSetOctets - std::min(others, kSetOctets / 2);
  std::size_t octets = room;
  std::uint64_t messages = 0;
  for (const auto& range : uids.ranges()) {
    for (std::uint64_t first = range.first; first <= range.last;) {
      if (octets + 22 > room || messages >= most) {
        out.emplace_back();
        octets = messages = 0;
      }
      const auto here = std::min(range.last - first + 1, most - messages);
      out.back().add(imap::Uid(static_cast<std::uint32_t>(first)),
                     imap::Uid(static_cast<std::uint32_t>(first + here - 1)));
      octets += here == 1 ? 11 : 22;
      messages += here;
      first += here;
    }
  }
  return out;
}

std::unique_ptr<MessageStream> make_imap_stream(Client& client, imap::UidSet wanted, KnownSizes known) {
  return std::make_unique<ImapStream>(client, wanted, std::move(known));
}

}  // namespace mirror
