// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "proto/response/vanished.h"
#include "server/fetch_writer.h"
#include "server/session.h"

namespace server {

namespace {

constexpr std::size_t kInlinePiece = 64 * 1024, kWorkerPiece = 256 * 1024;

bool asks_for_modseq(const imap::FetchItems& items) {
  return std::ranges::any_of(items, [](const auto& item) { return item.kind == imap::FetchItem::Kind::ModSeq; });
}

}  // namespace

// FETCH and UID FETCH (RFC 9051 section 6.4.5, RFC 7162 section 3.1.4 and 3.2.6)
Session::Answer Session::on(imap::FetchCommand& command) {
  const bool by_uid = command.messages.by == imap::MessageSet::By::Uid;
  if (command.vanished && (!qresync_ || !by_uid || !command.changed_since))
    co_return imap::StatusResponse::bad("VANISHED needs UID FETCH, CHANGEDSINCE and QRESYNC enabled.");
  if (command.changed_since || asks_for_modseq(command.items)) enable_condstore();
  view_->refresh();
  auto numbers = view_->resolve(command.messages);
  if (!numbers) co_return imap::StatusResponse::bad("Invalid message set.");
  if (command.changed_since) {
    const auto changes = view_->mailbox().changes_since(*command.changed_since);
    if (command.vanished) put_vanished_earlier(command.messages, changes.vanished);
    imap::UidSet changed;
    for (const auto& message : changes.changed) changed.add(message.uid);
    *numbers = numbers->intersect(view_->numbers(changed));
  }
  FetchWriter writer(*view_, {.numbers = std::move(*numbers),
                              .items = std::move(command.items),
                              .with_uid = by_uid || qresync_,
                              .with_modseq = command.changed_since.has_value(),
                              .condstore = condstore_,
                              .by = client_});
  co_await send(writer);
  view_->told_flags(writer.told_flags());
  if (writer.lacked_texts()) co_return texts_are_elsewhere();
  if (writer.is_some_unreadable())
    co_return imap::StatusResponse::no({base::Reason::NotPermitted, "Some of the messages cannot be read."});
  if (writer.missed_some())
    co_return imap::StatusResponse::ok("Some of the messages are gone.").with(imap::ResponseCode::Kind::ExpungeIssued);
  co_return imap::StatusResponse::ok("Fetch completed.");
}

// A worker writes the next piece while the one before is on its way to the client. Keywords that others have made
// meanwhile are told before it.
asio::awaitable<void> Session::send(FetchWriter& writer) {
  std::string piece;
  for (bool more = true; more;) {
    piece.clear();
    if (writer.is_heavy())
      more = co_await work([&] { return writer.write(piece, kWorkerPiece); });
    else
      more = writer.write(piece, kInlinePiece);
    if (connection_.wants_drain()) co_await connection_.flush();
    auto p = printer();
    view_->report_keywords(p);
    connection_.output() += piece;
    if (writer.waits_for().empty()) continue;
    const bool has_come = co_await texts_come(writer.waits_for());
    writer.go_on(has_come);
  }
}

// UIDs that the client asked about and that are gone: those of the log, which it may never have known (RFC 7162
// section 3.2.6).
void Session::put_vanished_earlier(const imap::MessageSet& asked, const imap::UidSet& vanished) {
  const auto last = view_->exists() == 0 ? imap::Uid() : view_->uid(imap::SeqNum(view_->exists()));
  const auto next = view_->mailbox().status().uid_next;
  auto set = asked.set.saved ? imap::UidSet{} : asked.set.resolve(next > last ? imap::Uid(next.value - 1) : last);
  imap::VanishedResponse out{.earlier = true, .uids = view_->without_its_own(vanished.intersect(set))};
  if (!out.uids.empty()) put_response(out);
}

}  // namespace server
