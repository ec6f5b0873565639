// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Session: one client. Read, parse, check state, dispatch, report changes, answer.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "proto/command.h"
#include "proto/printer.h"
#include "proto/status_response.h"
#include "proto/transport/connection.h"
#include "server/mailbox_view.h"
#include "server/session_context.h"

namespace server {

class FetchWriter;

// All but stopping_ belongs to the io thread. Work on a worker thread refers to members while its coroutine waits.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(SessionContext context, std::unique_ptr<transport::Stream> stream);

  asio::awaitable<void> run();

 private:
  using Answer = asio::awaitable<imap::StatusResponse>;
  using Parsed = std::variant<imap::TaggedCommand, imap::MalformedCommand>;

  // One per command, each in server/command/<name>.cc: puts untagged responses and returns the tagged one.
  Answer on(imap::AppendCommand& command);
  Answer on(imap::AuthenticateCommand& command);
  Answer on(imap::CapabilityCommand& command);
  Answer on(imap::CheckCommand& command);
  Answer on(imap::CloseCommand& command);
  Answer on(imap::CompressCommand& command);
  Answer on(imap::CopyCommand& command);
  Answer on(imap::CreateCommand& command);
  Answer on(imap::DeleteCommand& command);
  Answer on(imap::EnableCommand& command);
  Answer on(imap::ExpungeCommand& command);
  Answer on(imap::FetchCommand& command);
  Answer on(imap::IdCommand& command);
  Answer on(imap::IdleCommand& command);
  Answer on(imap::ListCommand& command);
  Answer on(imap::LoginCommand& command);
  Answer on(imap::LogoutCommand& command);
  Answer on(imap::LsubCommand& command);
  Answer on(imap::MoveCommand& command);
  Answer on(imap::NamespaceCommand& command);
  Answer on(imap::NoopCommand& command);
  Answer on(imap::RenameCommand& command);
  Answer on(imap::SearchCommand& command);
  Answer on(imap::SelectCommand& command);
  Answer on(imap::SortCommand& command);
  Answer on(imap::StarttlsCommand& command);
  Answer on(imap::StatusCommand& command);
  Answer on(imap::StoreCommand& command);
  Answer on(imap::SubscribeCommand& command);
  Answer on(imap::ThreadCommand& command);
  Answer on(imap::UnselectCommand& command);
  Answer on(imap::UnsubscribeCommand& command);

  // The main loop (session.cc).
  void greet();
  void alert();       // what its user must know
  void put_alerts();  // the same, since the last answer
  asio::awaitable<void> converse();
  asio::awaitable<std::optional<Parsed>> next_command();
  asio::awaitable<std::optional<imap::Frame>> read_frame();  // while it waits, the session may be ended
  asio::awaitable<void> answer(imap::TaggedCommand& command);
  void answer(const imap::MalformedCommand& command);
  asio::awaitable<void> finish(imap::TaggedCommand& command, imap::StatusResponse status);
  std::optional<imap::StatusResponse> wrong_state(const imap::Command& command) const;
  void refuse(imap::Framer& framer);

  // How it ends (session_end.cc).
  void on_stop();
  void watch_inactivity();
  std::chrono::seconds inactivity_limit() const;
  void farewell(std::string text);  // says BYE to a client that we wait for, and closes
  void close_after(std::chrono::milliseconds grace);

  // Reports (session.cc).
  asio::awaitable<void> report(bool expunges);
  ReportStyle style(bool expunges) const {
    return {.expunges = expunges, .condstore = condstore_, .qresync = qresync_};
  }
  asio::awaitable<void> notify();  // IDLE's, in idle.cc

  // Small helps for handlers.
  imap::Printer printer() { return imap::Printer(connection_.output()); }
  void put(const imap::StatusResponse& status) { put("*", status); }
  void put(std::string_view tag, const imap::StatusResponse& status);
  template <class Response>
  void put_response(const Response& response) {
    auto p = printer();
    response.print(p);
  }
  void start_flush();  // what has been answered so far goes out while we work
  template <class F>
  auto work(F f) {  // on a worker thread
    start_flush();
    return context_.workers->run(std::move(f));
  }
  // The same for what may need texts that are not here yet (texts.cc): waits for them without a thread, and does it
  // again. In vain: throws store::TextElsewhere, which ends the command with NO.
  template <class F>
  asio::awaitable<std::invoke_result_t<F&>> work_on_texts(F f) {
    for (;;) {
      std::optional<store::TextElsewhere> missing;
      try {
        co_return co_await work([&f] { return f(); });
      } catch (const store::TextElsewhere& elsewhere) {
        missing = elsewhere;
      }
      const bool have_come = co_await texts_come(missing->uids);
      if (!have_come) throw *missing;
    }
  }
  asio::awaitable<bool> texts_come(imap::UidSet uids);
  static imap::StatusResponse texts_are_elsewhere();
  imap::MailboxName named(const imap::MailboxName& name) const;  // INBOX found in it; a trailing delimiter dropped
  void enable_condstore();
  void select(std::unique_ptr<MailboxView> view);
  void unselect();
  void authenticated(const std::string& user);
  imap::ResponseCode capability_code() const;
  std::vector<std::string> announced() const;
  Answer log_in(std::string user, base::Secret password);  // login.cc
  asio::awaitable<std::optional<std::string>> ask(std::string_view challenge);
  asio::awaitable<base::Result<std::shared_ptr<store::Mailbox>>> destination(const imap::MailboxName& name);
  Answer copy_or_move(const imap::MessageSet& messages, const imap::MailboxName& to, bool move);  // copy.cc
  asio::awaitable<void> append_group(imap::TaggedCommand& first);                                 // append.cc
  asio::awaitable<void> send(FetchWriter& writer);                                                // fetch.cc
  void put_vanished_earlier(const imap::MessageSet& asked, const imap::UidSet& vanished);         // fetch.cc
  asio::awaitable<void> collect_appends(std::vector<imap::TaggedCommand>& group);
  asio::awaitable<bool> append_together(std::vector<imap::TaggedCommand>& group);
  asio::awaitable<void> put_status_line(const imap::MailboxName& name, imap::StatusItems items);  // status.cc
  void put_mailbox();                                                                             // select.cc
  asio::awaitable<void> put_resync(const imap::SelectCommand::Qresync& known);
  asio::awaitable<void> put_stored(const imap::StoreCommand& command, const store::FlagsChanged& stored);  // store.cc
  // SEARCH, SORT and THREAD (search.cc).
  struct Found {
    std::vector<imap::Uid> uids;  // in the order that is told
    bool unsure = false;          // whether more of them match cannot be known any more
    bool sorted = false;
  };
  struct Wanted {
    bool by_uid = false;
    std::optional<imap::SearchReturn> returns;
    bool with_modseq = false;
  };
  asio::awaitable<std::optional<Found>> find(imap::SearchKey& key);  // nullopt: it was stopped
  std::optional<imap::StatusResponse> refuse_charset(imap::SearchKey& key, const std::string& charset, bool saves);
  void save_found(const imap::SearchReturn& returns, const Found& found);
  void put_found(const Wanted& wanted, const Found& found);
  static imap::StatusResponse concluded(const Wanted& wanted, const Found& found, std::string text);
  static imap::StatusResponse search_stopped();
  imap::ModSeq highest_modseq(std::vector<imap::Uid> found, const std::optional<imap::SearchReturn>& returns) const;
  bool wants_modseq(const imap::SearchKey& root);  // it speaks of mod-sequences; enables CONDSTORE then

  SessionContext context_;
  transport::Connection connection_;
  imap::State state_ = imap::State::NotAuthenticated;
  std::unique_ptr<MailboxView> view_;  // while selected
  bool condstore_ = false, qresync_ = false;
  bool compressed_ = false;
  std::string user_;
  std::string client_ = "client";  // as the ledger calls it
  std::string tag_;                // of the command under way
  std::optional<Parsed> ahead_;    // read already, to be answered next
  std::function<void()> after_answer_;
  unsigned malformed_ = 0, login_failures_ = 0;
  std::uint64_t commands_ = 0;
  std::uint64_t alerts_seen_ = 0;  // of the AlertBoard

  bool reading_ = false, idling_ = false, ended_ = false, notifying_ = false;
  std::atomic<bool> stopping_ = false;
  std::shared_ptr<void> stop_registration_;
  store::Subscription feed_;  // while idling
  asio::steady_timer inactivity_, grace_;
  asio::steady_timer notified_;  // cancelled when notify() has ended
  asio::steady_timer news_;      // cancelled when texts may have come, and when the session is to end
  std::chrono::steady_clock::time_point last_active_;
};

}  // namespace server
