// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Client: the conversation with an IMAP server: greeting, capabilities, TLS, login, commands. One coroutine at a time;
// several commands may be begun before the first is ended (pipelining). What goes wrong throws Failure or
// std::system_error, after which the client is of no further use.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "proto/base/log.h"
#include "proto/command.h"
#include "proto/response.h"
#include "proto/transport/connection.h"
#include "sync/client/data_kinds.h"
#include "sync/client/metered_stream.h"
#include "sync/client/tracing.h"
#include "sync/replica.h"
#include "sync/started.h"

namespace mirror {

struct ClientOptions {
  std::string server;                                  // for messages
  std::chrono::seconds patience{60};                   // without an octet while an answer is due
  std::chrono::seconds doubtful_patience{10};          // the same, after doubt() or at the end of IDLE
  imap::SpoolFactory spool = imap::spool_in_memory();  // for large messages
  transport::WorkerPool* workers = nullptr;            // which write them there
  base::Log log;
  std::shared_ptr<Tracing> trace{};  // who listens in; may be null
};

class Client {
 public:
  // Called with each untagged response that belongs to the command (sync/client/data_kinds.h); may move from it.
  using Sink = std::function<void(imap::Response&)>;
  using Ticket = std::uint64_t;

  // meter: the lowest filter of the stream.
  Client(std::unique_ptr<transport::Stream> stream, MeteredStream& meter, ClientOptions options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  asio::awaitable<void> read_greeting();
  bool is_authenticated() const { return authenticated_; }  // by PREAUTH or login

  // Writes a command, waiting only where the peer must ask for a literal.
  asio::awaitable<Ticket> begin(const imap::Command& command, Sink sink = {});
  // Reads until its answer is here. Of several, in the order of begin().
  asio::awaitable<imap::StatusResponse> end(Ticket ticket);
  bool is_answered(Ticket ticket) const;  // end() does not wait
  asio::awaitable<imap::StatusResponse> execute(const imap::Command& command, Sink sink = {});
  // As begin(); nobody ends it, and whatever the answer is, nothing depends on it.
  asio::awaitable<void> begin_unattended(const imap::Command& command);
  // One untagged response of the kind that the command asks for; nullopt: it is answered, end() does not wait.
  asio::awaitable<std::optional<imap::Response>> next(Ticket ticket);

  asio::awaitable<void> start_tls(const transport::Connection::Wrap& wrap);  // refused: Failure
  // compressing: COMPRESS goes with it, which saves a turn; whether the server took it, is_compressed() tells.
  asio::awaitable<void> log_in(const std::string& user, const base::Secret& password,
                               const std::vector<std::string>& mechanisms, bool compressing = false);
  asio::awaitable<void> compress();  // where the server does, and it is not done yet
  bool is_compressed() const { return compressed_; }
  // NOTIFY (RFC 5465): from now on idle() hears of all mailboxes, of a selected one as ever. False: the server does not
  // have it, or refuses.
  asio::awaitable<bool> ask_for_news();
  bool lost_news() const { return lost_news_; }  // it was too much for the server, which tells nothing any more
  // Waits, in IDLE, until the server says something or the time is over; true: it said something.
  asio::awaitable<bool> idle(std::chrono::seconds at_most);
  // Makes idle() return, or fail where the server says nothing soon; from the same thread.
  void stop_idling();
  // It is not known whether anybody is at the other end: what is asked now or next has to be answered soon.
  void doubt();
  bool was_silent() const;  // it was given up for that, or for a longer silence

  bool can(std::string_view capability) const;
  // N of a capability NAME=N; nullopt: not announced, or no number.
  std::optional<std::uint64_t> announced(std::string_view name) const;
  asio::awaitable<void> know_capabilities();  // asks where the server has not said
  // LOGOUT, not waiting for the answer.
  asio::awaitable<void> log_out();
  void close();

  const std::string& server() const { return options_.server; }
  std::size_t pending() const {
    return static_cast<std::size_t>(std::ranges::count(pending_, true, &Pending::attended));
  }
  // Lines that were not understood: of a list of mailboxes, and on messages (FETCH, VANISHED, EXPUNGE, EXISTS).
  struct Skipped {
    std::uint64_t lists = 0, messages = 0;
  };
  const Skipped& skipped() const { return skipped_; }
  const std::string& trouble() const { return trouble_; }  // the text of a BYE or ALERT, if there was one

 private:
  struct Pending {
    Ticket ticket;
    std::string tag;
    DataKinds asked;
    Sink sink;
    std::optional<imap::StatusResponse> status;
    bool attended = true;
  };
  asio::awaitable<imap::Response> read();  // the next response; never a continuation that nobody waits for
  imap::Response understand(const imap::Frame& frame);
  void skip(std::string_view line, const std::string& why);
  [[noreturn]] void refuse(const imap::Framer& framer);
  imap::FramerLimits limits_before_login() const;
  void become_authenticated();
  void take(imap::Response& response);  // capabilities, statuses; then the sink of the command that it belongs to
  Pending* find(Ticket ticket);
  Pending* find_asker(const imap::Response& response);
  static std::string upper(std::string_view text);  // ASCII
  void learn(const imap::StatusResponse& status);
  void learn(const std::vector<std::string>& capabilities);
  asio::awaitable<void> write_pieces(std::string text, std::vector<std::size_t> breaks,
                                     std::vector<imap::Printer::Splice> splices);
  asio::awaitable<void> write_text(const imap::SpooledText& text);
  asio::awaitable<void> wait_for_continue(Ticket ticket);
  asio::awaitable<Ticket> begin_plain(std::string initial);
  asio::awaitable<Ticket> begin_login(const std::string& user, const base::Secret& password,
                                      const std::vector<std::string>& mechanisms);
  asio::awaitable<void> end_compression(Ticket ticket);
  std::shared_ptr<asio::steady_timer> stop_idling_after(std::chrono::seconds time);  // cancel it at the end
  [[noreturn]] void fail(base::Reason reason, const std::string& text) const;
  struct Watch;  // closes the stream when the peer keeps silent

  ClientOptions options_;
  ConnectionTrace trace_;
  transport::Connection connection_;
  std::shared_ptr<Watch> watch_;
  std::deque<Pending> pending_;
  Ticket last_ticket_ = 0;
  std::set<std::string, std::less<>> capabilities_;
  bool knows_capabilities_ = false, authenticated_ = false, compressed_ = false, idling_ = false, said_ = false;
  bool lost_news_ = false;
  Skipped skipped_;
  std::set<std::string> skipped_names_;
  std::uint64_t lines_ = 0, useless_lines_ = 0, octets_ = 0;  // since a command was answered
  std::size_t alerts_ = 0;
  std::string trouble_;
  Started saying_done_;
};

}  // namespace mirror
