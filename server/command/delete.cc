// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/session.h"

namespace server {

// DELETE (RFC 9051 section 6.3.5). The selected mailbox may be deleted: nothing is selected then.
Session::Answer Session::on(imap::DeleteCommand& command) {
  const auto name = named(command.mailbox);
  if (name.is_inbox())
    co_return imap::StatusResponse::no("INBOX can't be deleted.").with(imap::ResponseCode::Kind::Cannot);
  const auto done = co_await work([&] { return context_.store->remove(name); });
  if (!done) co_return imap::StatusResponse::no(done.error());
  if (view_ && view_->mailbox().is_deleted()) unselect();
  co_return imap::StatusResponse::ok("Delete completed.");
}

}  // namespace server
