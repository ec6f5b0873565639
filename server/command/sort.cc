// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "server/session.h"

namespace server {

// SORT and UID SORT (RFC 5256 section 3, RFC 5267, RFC 5957): a SEARCH whose answer is sorted.
Session::Answer Session::on(imap::SortCommand& command) {
  const bool saves = command.returns && command.returns->save;
  if (auto refused = refuse_charset(command.key, command.charset, saves)) co_return std::move(*refused);
  const Wanted wanted{command.by_uid, command.returns, wants_modseq(command.key)};
  auto found = co_await find(command.key);
  if (!found) co_return search_stopped();
  const auto stop = [this] { return stopping_.load(); };
  bool stopped = false;
  try {
    found->uids = co_await work_on_texts([&] { return view_->mailbox().sort(command.program, found->uids, stop); });
  } catch (const store::SearchStopped&) {
    stopped = true;
  }
  if (stopped) co_return search_stopped();
  found->sorted = true;
  if (saves) save_found(*command.returns, *found);
  put_found(wanted, *found);
  co_return concluded(wanted, *found, "Sort completed.");
}

}  // namespace server
