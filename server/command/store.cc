// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "proto/response/fetch.h"
#include "server/session.h"

namespace server {

namespace {

constexpr std::size_t kDrainEvery = 1000;
constexpr std::uint64_t kAtOnce = 5000;  // messages of one change, which holds each of them several times

imap::UidSet take_first(imap::UidSet& from, std::uint64_t count) {
  if (from.size() <= count) return std::exchange(from, {});
  imap::UidSet out;
  for (const auto& range : from.ranges()) {
    const auto n = std::min(count, std::uint64_t{range.last} - range.first + 1);
    if (n == 0) break;
    out.add(imap::Uid(range.first), imap::Uid(static_cast<std::uint32_t>(range.first + n - 1)));
    count -= n;
  }
  from = from.minus(out);
  return out;
}

}  // namespace

// STORE and UID STORE (RFC 9051 section 6.4.6, RFC 7162 section 3.1.3). Many messages are changed in pieces: where one
// fails those before it have been changed, and told.
Session::Answer Session::on(imap::StoreCommand& command) {
  if (view_->read_only())
    co_return imap::StatusResponse::no("Mailbox is read-only.").with(imap::ResponseCode::Kind::ReadOnly);
  if (command.unchanged_since) enable_condstore();
  view_->refresh();
  const auto numbers = view_->resolve(command.messages);
  if (!numbers) co_return imap::StatusResponse::bad("Invalid message set.");
  imap::UidSet modified, missing;
  for (auto left = view_->uids(*numbers); !left.empty();) {
    const auto uids = take_first(left, kAtOnce);
    const auto stored = co_await work([&] {
      return view_->mailbox().change_flags(uids, command.change, command.flags, command.unchanged_since, {}, client_);
    });
    if (!stored) co_return imap::StatusResponse::no(stored.error());
    if (!stored->touched.empty()) view_->own_change(stored->modseq);
    co_await put_stored(command, *stored);
    modified.add(stored->modified);
    missing.add(stored->missing);
  }

  const bool by_uid = command.messages.by == imap::MessageSet::By::Uid;
  if (!modified.empty()) {
    const auto set = by_uid ? imap::SequenceSet::of(modified) : imap::SequenceSet::of(view_->numbers(modified));
    co_return imap::StatusResponse::ok("Conditional store failed for some messages.")
        .with({imap::ResponseCode::Kind::Modified, set});
  }
  if (!missing.empty())
    co_return imap::StatusResponse::ok("Some of the messages are gone.").with(imap::ResponseCode::Kind::ExpungeIssued);
  co_return imap::StatusResponse::ok("Store completed.");
}

// What the messages' flags are now; with .SILENT only the mod-sequences of those that changed, for clients that follow
// them.
asio::awaitable<void> Session::put_stored(const imap::StoreCommand& command, const store::FlagsChanged& stored) {
  if (command.silent && !condstore_) co_return;
  const bool with_uid = qresync_ || command.messages.by == imap::MessageSet::By::Uid;
  auto p = printer();
  if (!command.silent) view_->report_keywords(p);
  std::size_t count = 0;
  for (const auto& message : stored.changed) {
    const auto number = view_->number(message.uid);
    if (!number || (command.silent && !stored.touched.contains(message.uid))) continue;
    if (condstore_) view_->told_modseq(message.modseq);
    if (command.silent) {
      imap::print_fetch_begin(p, *number);
      if (with_uid) {
        imap::print_fetch_uid(p, message.uid);
        p.sp();
      }
      imap::print_fetch_modseq(p, message.modseq);
      imap::print_fetch_end(p);
    } else {
      print_flags_fetch(p, *number, message, view_->is_recent(message.uid), with_uid, condstore_);
    }
    if (++count % kDrainEvery == 0) co_await connection_.drain();
  }
  if (command.silent) co_return;
  imap::UidSet told;
  for (const auto& message : stored.changed) told.add(message.uid);
  view_->told_flags(told);
}

}  // namespace server
