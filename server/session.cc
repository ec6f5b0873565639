// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/session.h"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

#include <exception>
#include <system_error>

#include "proto/response.h"
#include "server/capabilities.h"

namespace server {

namespace {

constexpr std::size_t kLineBeforeLogin = 36 * 1024;  // ID with 30 fields of a KiB (RFC 2971)
constexpr std::uint64_t kLiteralsBeforeLogin = 8 * 1024;

imap::FramerLimits before_login(imap::FramerLimits limits) {
  limits.line = std::min(limits.line, kLineBeforeLogin);
  limits.literal = limits.literals_total = std::min(limits.literal, kLiteralsBeforeLogin);
  return limits;
}

// EXPUNGE must not be sent while a command that speaks in numbers is answered (RFC 9051 section 7.5.1).
bool lets_expunges_through(const imap::Command& command) {
  if (const auto* fetch = std::get_if<imap::FetchCommand>(&command))
    return fetch->messages.by == imap::MessageSet::By::Uid;
  if (const auto* store = std::get_if<imap::StoreCommand>(&command))
    return store->messages.by == imap::MessageSet::By::Uid;
  if (const auto* search = std::get_if<imap::SearchCommand>(&command)) return search->by_uid;
  if (const auto* sort = std::get_if<imap::SortCommand>(&command)) return sort->by_uid;
  if (const auto* thread = std::get_if<imap::ThreadCommand>(&command)) return thread->by_uid;
  return true;
}

}  // namespace

asio::awaitable<void> serve(SessionContext context, std::unique_ptr<transport::Stream> stream) {
  auto session = std::make_shared<Session>(std::move(context), std::move(stream));
  co_await session->run();
}

Session::Session(SessionContext context, std::unique_ptr<transport::Stream> stream)
    : context_(std::move(context)),
      connection_(std::move(stream), imap::Framer::Side::Server,
                  context_.authenticator ? before_login(context_.limits.frames) : context_.limits.frames),
      inactivity_(connection_.stream().executor()),
      grace_(connection_.stream().executor()),
      notified_(connection_.stream().executor()),
      news_(connection_.stream().executor()),
      last_active_(std::chrono::steady_clock::now()) {
  connection_.spool_on(context_.workers);
  connection_.on_refused = [this](imap::Framer& framer) { refuse(framer); };
}

asio::awaitable<void> Session::run() {
  std::string failure;
  if (context_.stop)
    stop_registration_ = context_.stop->on_request([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->on_stop();
    });
  if (context_.visit)
    context_.visit->on_eviction = [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->farewell("Too many connections that have not logged in.");
    };
  try {
    greet();
    watch_inactivity();
    co_await converse();
  } catch (const std::system_error& e) {
    failure = e.what();
  } catch (const std::exception& e) {
    failure = e.what();
  }
  feed_.reset();
  stop_registration_.reset();
  context_.visit.reset();
  view_.reset();
  inactivity_.cancel();
  close_after(std::chrono::seconds(1));
  try {
    if (!failure.empty() && !ended_)
      put(imap::StatusResponse::bye("The server has a problem; see its log.")
              .with(imap::ResponseCode::Kind::Unavailable));
    co_await connection_.flush();
  } catch (const std::exception&) {  // the client is gone
  }
  grace_.cancel();
  connection_.close();
  ended_ = true;
  const auto read = connection_.bytes_read(), written = connection_.bytes_written();
  if (failure.empty() || stopping_)
    context_.log.info("session ended", {{"commands", commands_}, {"read", read}, {"written", written}});
  else
    context_.log.warning("session failed",
                         {{"why", failure}, {"commands", commands_}, {"read", read}, {"written", written}});
}

asio::awaitable<void> Session::converse() {
  while (state_ != imap::State::Logout) {
    if (stopping_) {
      put(imap::StatusResponse::bye(context_.stop->text()));
      break;
    }
    auto parsed = co_await next_command();
    if (!parsed) break;
    if (auto* malformed = std::get_if<imap::MalformedCommand>(&*parsed)) {
      answer(*malformed);
    } else {
      malformed_ = 0;
      co_await answer(std::get<imap::TaggedCommand>(*parsed));
    }
    ++commands_;
  }
}

asio::awaitable<std::optional<Session::Parsed>> Session::next_command() {
  if (ahead_) {
    auto parsed = std::exchange(ahead_, std::nullopt);
    co_return parsed;
  }
  if (!connection_.has_frame() || connection_.wants_drain()) co_await connection_.flush();
  const auto frame = co_await read_frame();
  if (!frame) co_return std::nullopt;
  co_return imap::parse_command(*frame);
}

asio::awaitable<std::optional<imap::Frame>> Session::read_frame() {
  if (stopping_) farewell(context_.stop->text());  // the signal came while nobody was reading
  if (ended_) co_return std::nullopt;
  if (state_ != imap::State::NotAuthenticated) last_active_ = std::chrono::steady_clock::now();
  reading_ = true;
  std::optional<imap::Frame> frame;
  std::exception_ptr failure;
  try {
    frame = co_await connection_.read_frame();
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  reading_ = false;
  if (state_ != imap::State::NotAuthenticated) last_active_ = std::chrono::steady_clock::now();
  if (ended_) co_return std::nullopt;  // we said BYE while the client was silent
  if (failure) std::rethrow_exception(failure);
  co_return frame;
}

asio::awaitable<void> Session::answer(imap::TaggedCommand& command) {
  tag_ = command.tag;
  if (context_.visit) context_.visit->spoke();
  if (auto wrong = wrong_state(command.command)) {
    put(command.tag, *wrong);
    co_return;
  }
  if (std::holds_alternative<imap::AppendCommand>(command.command)) {
    co_await append_group(command);
    co_return;
  }
  auto status = texts_are_elsewhere();
  try {
    status = co_await std::visit([this](auto& c) { return on(c); }, command.command);
  } catch (const store::TextElsewhere&) {  // it has waited for them
  }
  co_await finish(command, std::move(status));
}

asio::awaitable<void> Session::finish(imap::TaggedCommand& command, imap::StatusResponse status) {
  if (ended_) co_return;
  // SELECT shows the mailbox as it was at one moment; what came after that is told behind the next command.
  const bool selects = std::holds_alternative<imap::SelectCommand>(command.command);
  if (view_ && !selects) co_await report(lets_expunges_through(command.command));
  put_alerts();
  put(command.tag, status);
  if (!after_answer_) co_return;
  co_await connection_.flush();
  const auto act = std::exchange(after_answer_, {});
  act();
}

void Session::answer(const imap::MalformedCommand& command) {
  if (command.invalid_name) {
    put(command.tag,
        imap::StatusResponse::no("Invalid mailbox name: " + command.text + ".").with(imap::ResponseCode::Kind::Cannot));
    return;
  }
  auto text = command.name.empty() ? "Error in IMAP command received by server: "
                                   : "Error in IMAP command " + command.name + ": ";
  put(command.tag, imap::StatusResponse::bad(text + command.text));
  if (++malformed_ < context_.limits.malformed_in_a_row) return;
  put(imap::StatusResponse::bye("Too many invalid IMAP commands."));
  state_ = imap::State::Logout;
}

std::optional<imap::StatusResponse> Session::wrong_state(const imap::Command& command) const {
  const auto allowed = imap::command_states(command);
  if (allowed & static_cast<imap::States>(state_)) return std::nullopt;
  if (state_ == imap::State::NotAuthenticated) return imap::StatusResponse::bad("Please log in first.");
  if (allowed == imap::kSelected) return imap::StatusResponse::bad("No mailbox selected.");
  return imap::StatusResponse::bad("Already logged in.");
}

void Session::refuse(imap::Framer& framer) {
  const std::string tag(framer.refused_tag());
  switch (framer.refused()) {
    case imap::Framer::Why::LongLine: put(tag, imap::StatusResponse::bad("Line is too long.")); break;
    case imap::Framer::Why::BigLiteral:
      put(tag, imap::StatusResponse::no("Literal is too big.").with(imap::ResponseCode::Kind::TooBig));
      break;
    case imap::Framer::Why::NoSpace:
      put(tag, imap::StatusResponse::no({base::Reason::NoSpace, "The disk is full."}));
      break;
  }
}

asio::awaitable<void> Session::report(bool expunges) {
  view_->refresh();
  if (view_->wants_claim()) co_await work([this] { view_->claim(); });
  auto p = printer();
  view_->report(p, style(expunges));
}

void Session::put(std::string_view tag, const imap::StatusResponse& status) {
  auto p = printer();
  imap::print(p, tag, status);
}

void Session::start_flush() {
  if (connection_.output().empty()) return;
  auto flush = [](std::shared_ptr<Session> self) -> asio::awaitable<void> {
    try {
      co_await self->connection_.flush();
    } catch (const std::exception&) {  // the session's own next flush meets the same
    }
  };
  asio::co_spawn(connection_.stream().executor(), flush(shared_from_this()), asio::detached);
}

imap::MailboxName Session::named(const imap::MailboxName& name) const {
  const auto delimiter = context_.store->delimiter();
  std::string_view text = name.utf8();
  if (text.size() > 1 && text.ends_with(delimiter)) text.remove_suffix(1);
  return imap::MailboxName(text, delimiter);
}

void Session::enable_condstore() {
  if (condstore_) return;
  condstore_ = true;
  if (!view_) return;
  view_->refresh();
  put(imap::StatusResponse::ok("Highest").with({imap::ResponseCode::Kind::HighestModSeq, view_->settled().value}));
}

void Session::select(std::unique_ptr<MailboxView> view) {
  view_ = std::move(view);
  state_ = imap::State::Selected;
}

void Session::unselect() {
  view_.reset();
  state_ = imap::State::Authenticated;
}

std::vector<std::string> Session::announced() const {
  return capabilities({.authenticated = state_ == imap::State::Authenticated || state_ == imap::State::Selected,
                       .can_start_tls = context_.start_tls && !context_.tls_active,
                       .login_disabled = context_.login_disabled && !context_.tls_active,
                       .can_compress = !compressed_});
}

imap::ResponseCode Session::capability_code() const { return {imap::ResponseCode::Kind::Capability, announced()}; }

void Session::authenticated(const std::string& user) {
  user_ = user;
  state_ = imap::State::Authenticated;
  last_active_ = std::chrono::steady_clock::now();
  if (context_.visit) context_.visit->logged_in();
  connection_.framer().set_limits(context_.limits.frames);
  context_.log.info("logged in", {{"user", user}});
  alert();
}

}  // namespace server
