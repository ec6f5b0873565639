// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/client/client.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "sync/client/client_watch.h"
#include "sync/client/wire_trace.h"

namespace mirror {

namespace {

constexpr std::size_t kLongestText = 1000;  // of what a server says to people
constexpr std::size_t kMostAlerts = 10;     // of one connection, in the log

}  // namespace

Client::Client(std::unique_ptr<transport::Stream> stream, MeteredStream& meter, ClientOptions options)
    : options_(std::move(options)),
      trace_(options_.trace, options_.server),
      connection_(trace_.over(std::move(stream)), imap::Framer::Side::Client, limits_before_login()),
      watch_(std::make_shared<Watch>(meter, options_.patience, options_.doubtful_patience)) {
  connection_.spool_on(options_.workers);
  connection_.on_refused = [this](const imap::Framer& framer) { refuse(framer); };
}

Client::~Client() {
  watch_->meter = nullptr;
  watch_->timer.cancel();
}

void Client::fail(base::Reason reason, const std::string& text) const {
  throw Failure(reason, options_.server + " " + text);
}

void Client::close() { connection_.close(); }

std::string Client::upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

void Client::learn(const std::vector<std::string>& capabilities) {
  capabilities_.clear();
  for (const auto& one : capabilities) capabilities_.insert(upper(one));
  knows_capabilities_ = true;
}

void Client::learn(const imap::StatusResponse& status) {
  using Kind = imap::ResponseCode::Kind;
  if (status.kind == imap::StatusResponse::Kind::Bye) trouble_ = status.text.substr(0, kLongestText);
  if (!status.code) return;
  if (const auto* text = std::get_if<std::string>(&status.code->payload); text && status.code->kind == Kind::Other)
    lost_news_ |= imap::equal_ignoring_case(*text, "NOTIFICATIONOVERFLOW");
  if (status.code->kind == Kind::Capability)
    if (const auto* words = std::get_if<std::vector<std::string>>(&status.code->payload)) learn(*words);
  if (status.code->kind == Kind::Alert && ++alerts_ <= kMostAlerts)
    options_.log.warning("the server alerts",
                         {{"server", options_.server}, {"text", status.text.substr(0, kLongestText)}});
}

bool Client::can(std::string_view capability) const { return capabilities_.contains(capability); }

std::optional<std::uint64_t> Client::announced(std::string_view name) const {
  const auto key = std::string(name) + '=';
  for (auto at = capabilities_.lower_bound(key); at != capabilities_.end() && at->starts_with(key); ++at) {
    std::uint64_t out = 0;
    const auto* end = at->data() + at->size();
    const auto [stop, error] = std::from_chars(at->data() + key.size(), end, out);
    if (error == std::errc() && stop == end) return out;
  }
  return std::nullopt;
}

asio::awaitable<void> Client::know_capabilities() {
  if (!knows_capabilities_) co_await execute(imap::CapabilityCommand{});
}

Client::Pending* Client::find(Ticket ticket) {
  const auto at = std::ranges::find(pending_, ticket, &Pending::ticket);
  return at == pending_.end() ? nullptr : &*at;
}

bool Client::is_answered(Ticket ticket) const {
  const auto at = std::ranges::find(pending_, ticket, &Pending::ticket);
  return at != pending_.end() && at->status;
}

void Client::take(imap::Response& response) {
  if (auto* status = std::get_if<imap::TaggedResponse>(&response)) {
    learn(status->status);
    if (!status->tag.empty()) {
      const auto at = std::ranges::find(pending_, status->tag, &Pending::tag);
      if (at == pending_.end()) fail(base::Reason::ConnectionLost, "answered a command that was not given");
      if (!at->attended) {
        pending_.erase(at);
        return;
      }
      at->status = std::move(status->status);
      if (at->status->text.size() > kLongestText) at->status->text.resize(kLongestText);
      return;
    }
  }
  if (const auto* capability = std::get_if<imap::CapabilityResponse>(&response)) learn(capability->capabilities);
  said_ = true;
  if (auto* asker = find_asker(response); asker && asker->sink) asker->sink(response);
}

// The oldest unanswered command that asks for such data. What is told of the selected mailbox without being asked for
// belongs to the oldest of all. What else nobody asked for belongs to nobody.
Client::Pending* Client::find_asker(const imap::Response& response) {
  const auto* search = std::get_if<imap::EsearchResponse>(&response);
  const auto kind = kind_of(response);
  Pending* oldest = nullptr;
  for (auto& one : pending_) {
    if (one.status) continue;
    if ((one.asked & kind) != 0 && (!search || !search->tag || *search->tag == one.tag)) return &one;
    if (!oldest && one.attended) oldest = &one;
  }
  return is_of_mailbox(response) ? oldest : nullptr;
}

asio::awaitable<Client::Ticket> Client::begin(const imap::Command& command, Sink sink) {
  const auto ticket = ++last_ticket_;
  auto tag = std::to_string(ticket);
  std::string text;
  using Literals = imap::Printer::Literals;
  imap::Printer printer(text, can("LITERAL+")   ? Literals::NonSync
                              : can("LITERAL-") ? Literals::NonSyncSmall
                                                : Literals::Sync);
  imap::print(printer, tag, command);
  trace_sent(options_.log, command, text);
  pending_.push_back({ticket, std::move(tag), asked_by(command), std::move(sink), std::nullopt});
  if (printer.breaks().empty() && printer.splices().empty()) {
    if (connection_.output().empty())
      connection_.output().swap(text);
    else
      connection_.output() += text;
    co_return ticket;
  }
  auto breaks = printer.breaks();
  auto splices = printer.splices();
  co_await write_pieces(std::move(text), std::move(breaks), std::move(splices));
  co_return ticket;
}

asio::awaitable<void> Client::begin_unattended(const imap::Command& command) {
  const auto ticket = co_await begin(command);
  if (auto* pending = find(ticket)) pending->attended = false;
}

void Client::doubt() { watch_->doubt(); }

bool Client::was_silent() const { return watch_->late_after.has_value(); }

// Breaks and splices are offsets into text, ascending; at equal offsets the break comes first.
asio::awaitable<void> Client::write_pieces(std::string text, std::vector<std::size_t> breaks,
                                           std::vector<imap::Printer::Splice> splices) {
  const auto ticket = last_ticket_;
  std::size_t at = 0, next_break = 0, next_splice = 0;
  for (;;) {
    const auto break_at = next_break < breaks.size() ? breaks[next_break] : text.size() + 1;
    const auto splice_at = next_splice < splices.size() ? splices[next_splice].at : text.size() + 1;
    const auto stop = std::min({break_at, splice_at, text.size()});
    connection_.output().append(text, at, stop - at);
    at = stop;
    if (break_at == at) {
      co_await wait_for_continue(ticket);
      if (const auto* pending = find(ticket); pending && pending->status) co_return;  // refused, and not waited for
      ++next_break;
    } else if (splice_at == at) {
      co_await write_text(*splices[next_splice++].literal.spooled());
    } else {
      co_return;
    }
  }
}

// Read by workers, a piece at a time.
asio::awaitable<void> Client::write_text(const imap::SpooledText& text) {
  const auto reader = text.reader();
  std::uint64_t left = text.size();
  for (;;) {
    const auto piece = co_await connection_.wait_for_disk([&reader] { return reader->next(); });
    if (piece.empty()) break;
    if (piece.size() > left) fail(base::Reason::Failed, "a message has grown while it was sent");
    left -= piece.size();
    connection_.output() += piece;
    watch_->begin();
    co_await connection_.drain();
    watch_->end();
  }
  if (left > 0) fail(base::Reason::Failed, "a message has become shorter while it was sent");
}

asio::awaitable<void> Client::wait_for_continue(Ticket ticket) {
  for (;;) {
    auto response = co_await read();
    if (std::holds_alternative<imap::ContinueResponse>(response)) co_return;
    take(response);
    const auto* pending = find(ticket);
    if (pending == nullptr || pending->status) co_return;
  }
}

asio::awaitable<imap::StatusResponse> Client::end(Ticket ticket) {
  for (;;) {
    auto* pending = find(ticket);
    if (pending == nullptr) fail(base::Reason::ConnectionLost, "answered twice");
    if (pending->status) {
      auto status = std::move(*pending->status);
      std::erase_if(pending_, [&](const Pending& one) { return one.ticket == ticket; });
      co_return status;
    }
    auto response = co_await read();
    take(response);
  }
}

asio::awaitable<imap::StatusResponse> Client::execute(const imap::Command& command, Sink sink) {
  const auto ticket = co_await begin(command, std::move(sink));
  co_return co_await end(ticket);
}

asio::awaitable<std::optional<imap::Response>> Client::next(Ticket ticket) {
  for (;;) {
    const auto* pending = find(ticket);
    if (pending == nullptr || pending->status) co_return std::nullopt;
    auto response = co_await read();
    const auto* asker = find(ticket);
    if ((asker->asked & kind_of(response)) != 0 && !std::holds_alternative<imap::TaggedResponse>(response))
      co_return std::optional<imap::Response>(std::move(response));
    take(response);
  }
}

asio::awaitable<void> Client::log_out() {
  connection_.output() += "L LOGOUT\r\n";
  co_await connection_.flush();
  connection_.close();
}

}  // namespace mirror
