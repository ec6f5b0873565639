// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ranges>

#include "proto/response/vanished.h"
#include "server/session.h"

namespace server {

namespace {

// `count` numbers from `number` on that are said to have the UIDs from `uid` on: the last UID of which that is true.
// UIDs ascend faster than numbers or as fast, so that those which agree lie side by side.
std::optional<imap::Uid> last_agreed(const MailboxView& view, std::uint32_t number, std::uint32_t uid,
                                     std::uint64_t count) {
  if (number > view.exists()) return std::nullopt;
  count = std::min<std::uint64_t>(count, view.exists() - number + 1);
  const auto behind =
      *std::ranges::partition_point(std::views::iota(std::uint64_t(0), count + 1), [&](std::uint64_t i) {
        return i < count && view.uid(imap::SeqNum(static_cast<std::uint32_t>(number + i))).value <= uid + i;
      });
  if (behind == 0) return std::nullopt;
  const auto last = view.uid(imap::SeqNum(static_cast<std::uint32_t>(number + behind - 1)));
  return last.value == uid + behind - 1 ? std::optional(last) : std::nullopt;
}

// Which of the mailbox's UIDs the client still numbers as we do: up to the last pair that agrees, nothing it knows can
// have vanished (RFC 7162 section 3.2.5.2). The sets are as large as the client likes: they are walked interval by
// interval, never member by member.
imap::Uid last_agreed(const MailboxView& view, const std::pair<imap::SeqSet, imap::UidSet>& pairs) {
  const auto& numbers = pairs.first.ranges();
  const auto& uids = pairs.second.ranges();
  imap::Uid agreed;
  auto number = numbers.begin();
  auto uid = uids.begin();
  for (std::uint64_t n = 0, u = 0; number != numbers.end() && uid != uids.end();) {  // done of *number, of *uid
    const auto numbers_left = std::uint64_t(number->last) - number->first + 1 - n;
    const auto uids_left = std::uint64_t(uid->last) - uid->first + 1 - u;
    const auto count = std::min(numbers_left, uids_left);
    const auto last = last_agreed(view, static_cast<std::uint32_t>(number->first + n),
                                  static_cast<std::uint32_t>(uid->first + u), count);
    if (last) agreed = *last;
    n += count;
    u += count;
    if (count == numbers_left) ++number, n = 0;
    if (count == uids_left) ++uid, u = 0;
  }
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
