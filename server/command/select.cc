// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/vanished.h"
#include "server/session.h"

namespace server {

namespace {

// Which of the mailbox's UIDs the client still numbers as we do: up to the last pair that agrees, nothing it knows can
// have vanished (RFC 7162 section 3.2.5.2).
imap::Uid last_agreed(const MailboxView& view, const std::pair<imap::SeqSet, imap::UidSet>& pairs) {
  std::vector<imap::Uid> uids;
  pairs.second.for_each([&](imap::Uid uid) { uids.push_back(uid); });
  imap::Uid agreed;
  std::size_t i = 0;
  pairs.first.for_each([&](imap::SeqNum number) {
    if (i < uids.size() && number.value <= view.exists() && view.uid(number) == uids[i]) agreed = uids[i];
    ++i;
  });
  return agreed;
}

}  // namespace

// SELECT and EXAMINE (RFC 9051 section 6.3.2 and 6.3.3, RFC 7162)
Session::Answer Session::on(imap::SelectCommand& command) {
  if (command.qresync && !qresync_) co_return imap::StatusResponse::bad("QRESYNC is not enabled.");
  if (view_) {
    unselect();
    put(imap::StatusResponse::ok("Previous mailbox closed.").with(imap::ResponseCode::Kind::Closed));
  }
  if (command.condstore || command.qresync) enable_condstore();
  const auto name = named(command.mailbox);
  auto opened = co_await work([&]() -> base::Result<std::unique_ptr<MailboxView>> {
    auto mailbox = context_.store->open_mailbox(name);
    if (!mailbox) return std::unexpected(mailbox.error());
    (*mailbox)->check();
    return std::make_unique<MailboxView>(std::move(*mailbox), command.read_only);
  });
  if (!opened) co_return imap::StatusResponse::no(opened.error());
  select(std::move(*opened));
  put_mailbox();
  if (command.qresync && command.qresync->uid_validity == view_->status_at_select().uid_validity)
    co_await put_resync(*command.qresync);
  context_.log.debug("selected", {{"mailbox", name.utf8()}, {"exists", view_->exists()}});
  if (command.read_only)
    co_return imap::StatusResponse::ok("Examine completed.").with(imap::ResponseCode::Kind::ReadOnly);
  co_return imap::StatusResponse::ok("Select completed.").with(imap::ResponseCode::Kind::ReadWrite);
}

void Session::put_mailbox() {
  using Kind = imap::ResponseCode::Kind;
  auto p = printer();
  const auto& status = view_->status_at_select();
  view_->print_flags(p);
  p.raw("* ").number(view_->exists()).raw(" EXISTS\r\n");
  p.raw("* ").number(view_->recent_count()).raw(" RECENT\r\n");
  if (const auto uid = view_->mailbox().first_unseen())
    if (const auto number = view_->number(*uid))
      put(imap::StatusResponse::ok("First unseen.").with({Kind::Unseen, std::uint64_t(number->value)}));
  put(imap::StatusResponse::ok("UIDs valid").with({Kind::UidValidity, std::uint64_t(status.uid_validity.value)}));
  put(imap::StatusResponse::ok("Predicted next UID").with({Kind::UidNext, std::uint64_t(status.uid_next.value)}));
  put(imap::StatusResponse::ok("Highest").with({Kind::HighestModSeq, status.highest_modseq.value}));
}

// VANISHED (EARLIER) and FETCH: all that happened between the client's last time here and the view's moment.
asio::awaitable<void> Session::put_resync(const imap::SelectCommand::Qresync& known) {
  const auto changes = co_await work([&] { return view_->mailbox().changes_since(known.modseq); });
  const auto next = view_->status_at_select().uid_next.value;
  imap::UidSet scope = known.known_uids ? *known.known_uids : imap::UidSet::between(imap::Uid(1), imap::Uid(next - 1));
  imap::UidSet vanished = view_->without_its_own(changes.vanished.intersect(scope));
  if (known.known_pairs) {
    const auto agreed = last_agreed(*view_, *known.known_pairs);
    if (agreed) vanished = vanished.minus(imap::UidSet::between(imap::Uid(1), agreed));
  }
  if (!vanished.empty()) put_response(imap::VanishedResponse{.earlier = true, .uids = std::move(vanished)});
  for (const auto& message : changes.changed) {
    const auto number = view_->number(message.uid);
    if (!number || message.modseq > view_->modseq() || !scope.contains(message.uid)) continue;
    auto p = printer();
    print_flags_fetch(p, *number, message, view_->is_recent(message.uid), true, true);
    co_await connection_.drain();
  }
}

}  // namespace server
