// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Client: reading.
// 1. A line that begins with "*" and is not understood is skipped, and logged once of each kind. Who needs what it may
//    have told finds it missing, or asks skipped().
// 2. Whatever a server sends, the memory, the log and the number of lines that it takes have bounds.
#include <algorithm>
#include <array>
#include <system_error>
#include <vector>

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

// Items of a FETCH that are known: where one is among the others, its value was not understood.
constexpr std::array<std::string_view, 10> kKnownItems{"FLAGS",         "INTERNALDATE", "RFC822.SIZE",   "MODSEQ",
                                                       "ENVELOPE",      "BODY",         "BODYSTRUCTURE", "RFC822",
                                                       "RFC822.HEADER", "RFC822.TEXT"};

// What a line is about, as far as it can be told.
std::string_view name_in(std::string_view line) {
  auto rest = line.substr(std::min(line.size(), line.find_first_not_of("* ")));
  rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of("0123456789 ")));
  return rest.substr(0, std::min(rest.find_first_of(" (\r\n"), kLongestName));
}

// Whether it is as the grammar has it.
template <class Response>
bool is_strict(const imap::Frame& frame) {
  imap::Parser parser(frame);
  try {
    parser.expect('*');
    parser.sp();
    parser.word();
    Response::parse(parser);
    return true;
  } catch (const imap::SyntaxError&) {
    return false;
  }
}

// Names of what was passed over in a line that was understood else; mostly none.
std::vector<std::string_view> passed_over(const imap::Frame& frame, const imap::Response& response) {
  std::vector<std::string_view> out;
  if (const auto* fetched = std::get_if<imap::FetchResponse>(&response)) {
    for (const auto& [item, value] : fetched->others) {
      const auto name = std::string_view(item).substr(0, item.find('['));
      const auto known = [&](std::string_view one) { return imap::equal_ignoring_case(one, name); };
      if (const auto at = std::ranges::find_if(kKnownItems, known); at != kKnownItems.end()) out.push_back(*at);
    }
  } else if (std::holds_alternative<imap::MailboxStatusResponse>(response)) {
    if (!is_strict<imap::MailboxStatusResponse>(frame)) out.emplace_back("a value");
  } else if (std::holds_alternative<imap::ListResponse>(response)) {
    if (!is_strict<imap::ListResponse>(frame)) out.emplace_back("a value");
  }
  return out;
}

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
  for (const auto value : passed_over(frame, out)) {
    if (value == "FLAGS") ++skipped_.messages;  // as good as a line that is not understood
    const auto what = upper(name_in(frame.text)) + ' ' + std::string(value);
    if (skipped_names_.size() >= kMostNames || !skipped_names_.insert(what).second) continue;
    options_.log.warning("what is not understood was skipped, and the rest of its line counts; so it is with others",
                         {{"server", options_.server}, {"line", "* " + what}});
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
  const auto name = upper(name_in(line));
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
