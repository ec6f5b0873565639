// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/session.h"

namespace server {

// MOVE and UID MOVE (RFC 6851)
Session::Answer Session::on(imap::MoveCommand& command) {
  co_return co_await copy_or_move(command.messages, command.mailbox, true);
}

}  // namespace server
