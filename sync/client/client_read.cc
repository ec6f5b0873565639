// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Client: reading.
// 1. A line that begins with "*" and is not understood is skipped, and logged once of each kind. Who needs what it may
//    have told finds it missing, or asks skipped().
// 2. Whatever a server sends, the memory, the log and the number of lines that it takes have bounds.
#include <algorithm>
#include <system_error>

#include "proto/base/files.h"
#include "proto/parser.h"
#include "sync/client/client.h"
#include "sync/client/client_watch.h"
#include "sync/client/wire_trace.h"

namespace mirror {

namespace {

// Before a command is answered: of all, and of those that nobody asks for. A listing has a line for each message.
constexpr std::uint64_t kMostLines = 5'000'000, kMostUselessLines = 10'000;
constexpr std::uint64_t kMostOctets = 1ull << 30;  // of all lines but messages
constexpr std::size_t kLongestName = 20, kMostNames = 20;

}  // namespace

asio::awaitable<imap::Response> Client::read() {
  watch_->begin();
  std::optional<imap::Frame> frame;
  std::string why;
  try {
    if (!connection_.output().empty()) co_await connection_.flush();
    frame = co_await connection_.read_frame();
  } catch (const std::system_error& error) {
    if (base::is_disk_full(error.code())) {  // a large message goes to the disk while it comes
      watch_->end();
      throw Failure(base::Reason::NoSpace, "the disk is full");
    }
    why = error.code().message();
  } catch (...) {
    watch_->end();
    throw;
  }
  watch_->end();
  if (const auto late = watch_->late_after)
    fail(base::Reason::ConnectionLost, "did not answer for " + std::to_string(late->count()) + " seconds");
  if (!frame) {
    if (!trouble_.empty()) why = trouble_;
    fail(base::Reason::ConnectionLost, "closed the connection" + (why.empty() ? std::string() : ": " + why));
  }
  auto response = understand(*frame);
  co_return response;
}

imap::Response Client::understand(const imap::Frame& frame) {
  imap::Response out;
  trace_received(options_.log, frame.text);
  try {
    out = imap::parse_response(frame);
  } catch (const imap::SyntaxError& error) {
    if (!frame.text.starts_with('*'))
      fail(base::Reason::ConnectionLost, std::string("sent what is no IMAP: ") + error.what());
    skip(frame.text, error.what());
    out = imap::UnknownResponse{};
  }
  const auto* status = std::get_if<imap::TaggedResponse>(&out);
  if (status && !status->tag.empty()) {
    lines_ = useless_lines_ = octets_ = 0;
    return out;
  }
  if (kind_of(out) == 0) ++useless_lines_;
  if (!std::holds_alternative<imap::FetchResponse>(out)) octets_ += frame.text.size();
  if (++lines_ > kMostLines || useless_lines_ > kMostUselessLines || octets_ > kMostOctets)
    fail(base::Reason::ConnectionLost,
         "sends lines without end: " + std::to_string(lines_) + " before it answers a command");
  return out;
}

// The line's text is not logged but for what it is about: it may hold what a message says.
void Client::skip(std::string_view line, const std::string& why) {
  auto rest = line.substr(std::min(line.size(), line.find_first_not_of("* ")));
  rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of("0123456789 ")));
  const auto name = upper(rest.substr(0, std::min(rest.find_first_of(" (\r\n"), kLongestName)));
  if (name == "LIST" || name == "LSUB") ++skipped_.lists;
  if (name == "FETCH" || name == "UIDFETCH" || name == "VANISHED" || name == "EXPUNGE" || name == "EXISTS")
    ++skipped_.messages;
  if (skipped_names_.size() >= kMostNames || !skipped_names_.insert(name).second) return;
  options_.log.warning("a line that is not understood was skipped, and others like it are",
                       {{"server", options_.server}, {"line", "* " + name}, {"why", why}});
}

void Client::refuse(const imap::Framer& framer) {
  if (framer.refused() == imap::Framer::Why::LongLine)
    fail(base::Reason::Unsupported, "sent a line beyond any measure, which has no end");
  fail(base::Reason::ConnectionLost, "sent a literal, or literals together, beyond any measure");
}

imap::FramerLimits Client::limits_before_login() const {
  imap::FramerLimits out;  // 64 KiB a line
  out.literal = out.literals_total = out.line;
  return out;
}

void Client::become_authenticated() {
  authenticated_ = true;
  imap::FramerLimits limits;
  limits.line = 64 * 1024 * 1024;  // one VANISHED or SEARCH may name every message
  limits.literals_total = limits.literal;
  limits.spool = options_.spool;
  connection_.framer().set_limits(std::move(limits));
}

asio::awaitable<void> Client::read_greeting() {
  const auto response = co_await read();
  const auto* greeting = std::get_if<imap::TaggedResponse>(&response);
  if (greeting == nullptr || !greeting->tag.empty())
    fail(base::Reason::ConnectionLost, "does not greet as an IMAP server");
  using Kind = imap::StatusResponse::Kind;
  if (greeting->status.kind == Kind::Bye || greeting->status.kind == Kind::No || greeting->status.kind == Kind::Bad)
    fail(base::Reason::ConnectionLost, "turned us away: " + greeting->status.text);
  if (greeting->status.kind == Kind::PreAuth) become_authenticated();
  learn(greeting->status);
}

}  // namespace mirror
