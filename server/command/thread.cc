// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "proto/response/thread.h"
#include "server/session.h"

namespace server {

// THREAD and UID THREAD (RFC 5256 section 3)
Session::Answer Session::on(imap::ThreadCommand& command) {
  if (auto refused = refuse_charset(command.key, command.charset, false)) co_return std::move(*refused);
  wants_modseq(command.key);
  const auto found = co_await find(command.key);
  if (!found) co_return search_stopped();
  const auto stop = [this] { return stopping_.load(); };
  imap::ThreadResponse out;
  bool stopped = false;
  try {
    out.threads =
        co_await work_on_texts([&] { return view_->mailbox().threads(command.algorithm, found->uids, stop); });
  } catch (const store::SearchStopped&) {
    stopped = true;
  }
  if (stopped) co_return search_stopped();
  if (!command.by_uid)
    for (auto& node : out.threads)
      if (node.number != 0) node.number = view_->number(imap::Uid(node.number)).value_or(imap::SeqNum(0)).value;
  put_response(out);
  co_return concluded({.by_uid = command.by_uid, .returns = {}}, *found, "Thread completed.");
}

}  // namespace server
