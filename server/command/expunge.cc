// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/session.h"

namespace server {

// EXPUNGE and UID EXPUNGE (RFC 9051 section 6.4.3 and 6.4.9); the report behind it tells which.
Session::Answer Session::on(imap::ExpungeCommand& command) {
  if (view_->read_only())
    co_return imap::StatusResponse::no("Mailbox is read-only.").with(imap::ResponseCode::Kind::ReadOnly);
  std::optional<imap::UidSet> among;
  if (command.uids) {
    view_->refresh();
    among = view_->uids(*view_->resolve({imap::MessageSet::By::Uid, *command.uids}));
  }
  const auto removed = co_await work([&] { return view_->mailbox().expunge(among, {}, client_); });
  if (!removed) co_return imap::StatusResponse::no(removed.error());
  auto done = imap::StatusResponse::ok("Expunge completed.");
  if (qresync_ && !removed->empty())  // RFC 7162 section 3.2.5
    done.code =
        imap::ResponseCode(imap::ResponseCode::Kind::HighestModSeq, view_->mailbox().status().highest_modseq.value);
  co_return done;
}

}  // namespace server
