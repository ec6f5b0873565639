// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Changes come from SELECT itself: with QRESYNC it tells changed flags, new messages and what has vanished together
// with the state that this leads to. A server with CONDSTORE alone is asked for what has changed (imap_changes), any
// other for all UIDs and flags, which is complete by nature (imap_listing).
#include "sync/imap/imap_mailbox.h"

#include <algorithm>
#include <variant>

#include "sync/imap/execute_all.h"
#include "sync/imap/flag_lists.h"
#include "sync/imap/gone_messages.h"
#include "sync/imap/imap_changes.h"
#include "sync/imap/imap_copies.h"
#include "sync/imap/imap_identities.h"
#include "sync/imap/imap_listing.h"
#include "sync/imap/imap_refusal.h"
#include "sync/imap/imap_selected.h"
#include "sync/imap/imap_stream.h"
#include "sync/imap/list_by_search.h"
#include "sync/imap/message_limit.h"
#include "sync/imap/object_ids.h"
#include "sync/imap/uid_search.h"

namespace mirror {

namespace {

constexpr std::size_t kMultiAppend = 128;

using imap::FetchItem;

class ImapMailbox final : public ReplicaMailbox {
 public:
  ImapMailbox(ImapPool::Lease lease, imap::MailboxName name, NamesThere names)
      : lease_(std::move(lease)), name_(std::move(name)), names_(std::move(names)) {}

  asio::awaitable<SideChanges> changes(SideState since, imap::UidSet known) override {
    try {
      auto out = co_await look(since, std::move(known));
      co_return out;
    } catch (const MailboxFailure&) {
      throw;
    } catch (const Failure& failure) {
      if (failure.reason != base::Reason::ConnectionLost) throw;
      throw LookConnectionLost(failure.reason, failure.what());
    }
  }

  void look_carefully() override { careful_ = true; }

  asio::awaitable<std::unique_ptr<MessageStream>> fetch(imap::UidSet uids) override {
    auto sizes = sizes_;
    if (texts_at_once_) sizes.fine.add(uids);
    co_return make_imap_stream(lease_.client(), std::move(uids), std::move(sizes));
  }

  void fetch_texts_at_once() override { texts_at_once_ = true; }

  asio::awaitable<std::vector<Identity>> identities(imap::UidSet uids) override {
    co_return co_await describe(lease_.client(), std::move(uids));
  }

  asio::awaitable<FlagsOfMessages> flags(imap::UidSet uids) override {
    co_return co_await flags_of(lease_.client(), std::move(uids));
  }
  bool has_object_ids() const override { return object_id_item(lease_.client()).has_value(); }
  asio::awaitable<ObjectIds> object_ids(imap::UidSet uids) override {
    co_return co_await object_ids_of(lease_.client(), std::move(uids));
  }
  asio::awaitable<std::map<imap::Uid, std::string>> header_digests(imap::UidSet uids) override {
    co_return co_await header_digests_of(lease_.client(), std::move(uids));
  }
  asio::awaitable<imap::UidSet> told_of(imap::UidSet uids) override {
    co_return co_await mirror::told_of(lease_.client(), std::move(uids));
  }
  asio::awaitable<std::map<imap::Uid, std::string>> names(imap::UidSet uids) override {
    co_return co_await name_messages(lease_.client(), std::move(uids));
  }

  asio::awaitable<base::Result<std::vector<imap::Uid>>> append(std::vector<FetchedMessage>& messages,
                                                               store::AtCommit) override {
    auto& client = lease_.client();
    imap::AppendCommand command;
    command.mailbox = name_;
    for (auto& message : messages)
      command.messages.push_back(
          {kept(message.flags), imap::DateTime{message.internal_date, 0}, std::move(message.data)});
    const auto ticket = co_await client.begin(command);
    for (std::size_t i = 0; i < messages.size(); ++i) messages[i].data = std::move(command.messages[i].data);
    const auto answer = co_await client.end(ticket);
    if (!answer.is_ok()) co_return std::unexpected(refusal_of_append(answer));
    std::vector<imap::Uid> out;
    if (answer.code)
      if (const auto* appended = std::get_if<imap::ResponseCode::AppendedUids>(&answer.code->payload))
        if (appended->uids.size() == messages.size() && (!uid_validity_ || appended->validity == uid_validity_))
          appended->uids.for_each([&](imap::Uid uid) { out.push_back(uid); });
    co_return out;
  }

  asio::awaitable<base::Result<void>> change_flags(imap::UidSet uids, imap::FlagChange change,
                                                   imap::FlagSet flags) override {
    std::vector<imap::Command> commands;
    for (const auto& some : short_lists(flags))
      for (const auto& part : split(uids, octets_of(some), most_messages(lease_.client())))
        commands.push_back(store_command(part, change, some));
    co_return co_await execute_all(lease_.client(), std::move(commands));
  }

  bool expunges_alone() const override { return lease_.client().can("UIDPLUS"); }

  asio::awaitable<base::Result<imap::UidSet>> marked_deleted() override {
    imap::SearchCommand command;
    command.key.kind = imap::SearchKey::Kind::HasFlag;
    command.key.flag = imap::Flag::Deleted;
    auto found = co_await search_uids(lease_.client(), std::move(command));
    if (!found)
      found = base::refuse(base::Reason::Unsupported,
                           lease_.client().server() + " does not tell which messages are marked as deleted (" +
                               found.error().text +
                               "), and has no UIDPLUS, so that single messages cannot be expunged safely");
    co_return found;
  }

  asio::awaitable<base::Result<void>> expunge(imap::UidSet uids) override {
    if (!expunges_alone()) co_return co_await expunge_marked(std::move(uids));
    std::vector<imap::Command> commands;
    for (const auto& part : split(uids, 0, most_messages(lease_.client()))) {
      commands.push_back(store_command(part, imap::FlagChange::Add, {imap::Flag::Deleted}));
      commands.push_back(imap::ExpungeCommand{imap::SequenceSet::of(part)});
    }
    imap::UidSet gone;
    auto done = co_await execute_all(lease_.client(), std::move(commands), [&](imap::Response& response) {
      if (const auto* vanished = std::get_if<imap::VanishedResponse>(&response))
        gone.add(vanished->uids.intersect(uids));
    });
    // Dovecot says OK also where it may not; and a number of EXPUNGE may be that of a message that others expunge.
    if (done && !uids.minus(gone).empty()) co_return co_await check_gone(lease_.client(), uids);
    co_return done;
  }

  // RFC 7889: the same for all mailboxes, or another for each.
  asio::awaitable<std::optional<std::uint64_t>> largest_message() override {
    auto& client = lease_.client();
    if (!append_limit_) append_limit_ = client.announced("APPENDLIMIT");
    if (append_limit_ || asked_append_limit_ || !client.can("APPENDLIMIT")) co_return append_limit_;
    asked_append_limit_ = true;
    imap::StatusCommand status;
    status.mailbox = name_;
    status.items.append_limit = true;
    co_await client.execute(status, [&](imap::Response& response) {
      const auto* said = std::get_if<imap::MailboxStatusResponse>(&response);
      if (said && said->append_limit) append_limit_ = said->append_limit;
    });
    co_return append_limit_;
  }

  asio::awaitable<imap::UidValidity> enter() override {
    Selected said;
    const auto selecting = co_await begin_select(said, {});
    const auto answer = co_await lease_.client().end(selecting);
    co_return answer.is_ok() ? said.changes.state.uid_validity : imap::UidValidity();
  }

  // Without UIDPLUS nobody knows what a MOVE that was refused has moved.
  bool can_move() const override { return lease_.client().can("MOVE") && lease_.client().can("UIDPLUS"); }
  asio::awaitable<CopyOutcome> copy_to(imap::UidSet uids, MailboxPath to, Manner manner, store::AtCommit) override {
    const auto name = names_ ? names_(to) : base::refuse(base::Reason::NoSuchMailbox, "it has no name there");
    if (!name) co_return CopyOutcome{.refusal = name.error()};
    co_return co_await copy_there(lease_.client(), std::move(uids), *name, manner);
  }
  asio::awaitable<base::Result<imap::UidSet>> uids_from(imap::Uid first) override {
    co_return co_await search_from(lease_.client(), first);
  }

  imap::FlagSet kept(const imap::FlagSet& flags) const override {
    imap::FlagSet out;
    out.set_system_bits(flags.system_bits() & kept_.system_bits());
    for (const auto& keyword : flags.keywords())
      if (keeps_any_keyword_ || kept_.has(keyword)) out.add(keyword);
    return out;
  }

  bool commits_state() const override { return false; }
  // With UIDPLUS a message has its UID before the answer. Without it some servers show it later: they take it into a
  // queue, or into an index that is brought up to date by the next SELECT.
  bool shows_at_once() const override { return lease_.client().can("UIDPLUS"); }
  std::size_t append_limit() const override { return lease_.client().can("MULTIAPPEND") ? kMultiAppend : 1; }

 private:
  asio::awaitable<SideChanges> look(SideState since, imap::UidSet known) {
    auto& client = lease_.client();
    const auto skipped = client.skipped().messages;
    Selected said;
    const auto rung = co_await select(careful_ ? SideState() : since, said);
    const auto now = said.changes.state;
    if (!said.counted)
      throw MailboxFailure(base::Reason::Unsupported,
                           client.server() + " does not tell how many messages it has (EXISTS)");
    if (!now.uid_validity)
      throw MailboxFailure(base::Reason::Unsupported, client.server() + " gives it no UIDVALIDITY");
    if (since.uid_validity && !(since.uid_validity == now.uid_validity)) co_return std::move(said.changes);
    if (!now.uid_next) said.changes.state.uid_next = since.uid_next;
    uid_validity_ = now.uid_validity;
    kept_ = said.changes.keepable;
    keeps_any_keyword_ = said.changes.keeps_any_keyword;
    // A modseq that goes back, none at all, another number of messages than what was said amounts to, a line that was
    // not understood: it cannot be built on.
    bool told = false;
    if (rung == Rung::Qresync) told = now.modseq && !(now.modseq < since.modseq) && said.adds_up(known);
    if (told) co_await confirm_vanished(client, name_, known, said);
    if (rung == Rung::Condstore && now.uid_next) told = co_await list_changes(client, name_, since, known, said);
    if (careful_)
      co_await list_by_search(client, known, said);
    else if (!told || client.skipped().messages != skipped)
      co_await list_all(client, name_, std::move(known), said);
    said.finish();
    sizes_ = std::move(said.sizes);
    co_return std::move(said.changes);
  }

  // How a server tells what has changed: with SELECT, when asked for what is newer than a state, or by all.
  enum class Rung : std::uint8_t { Qresync, Condstore, All };

  asio::awaitable<Rung> select(SideState since, Selected& said) {
    auto& client = lease_.client();
    const auto enabling = co_await begin_qresync(lease_.connected());
    const bool wanted = since.uid_validity && since.modseq;
    const bool quick = wanted && (enabling || lease_.connected().qresync);
    const auto selecting = co_await begin_select(said, quick ? since : SideState());
    if (enabling) co_await client.end(*enabling);
    auto answer = co_await client.end(selecting);
    const bool granted = quick && lease_.connected().qresync;
    if (quick && !granted) {  // announced, and not granted: what was said may be anything
      said = {};
      const auto again = co_await begin_select(said, {});
      answer = co_await client.end(again);
    }
    if (!answer.is_ok())
      throw MailboxFailure(base::Reason::Failed, client.server() + " does not open it: " + answer.text);
    if (answer.code) said.take(*answer.code);
    if (granted) co_return Rung::Qresync;
    const bool asks = wanted && !quick && client.can("CONDSTORE");
    co_return asks ? Rung::Condstore : Rung::All;
  }

  // since: up to where all is known; nothing known: what the server can without QRESYNC.
  asio::awaitable<Client::Ticket> begin_select(Selected& said, SideState since) {
    auto& connected = lease_.connected();
    imap::SelectCommand select;
    select.mailbox = name_;
    if (since.uid_validity)
      select.qresync = imap::SelectCommand::Qresync{since.uid_validity, since.modseq, std::nullopt, std::nullopt};
    else
      select.condstore = !connected.qresync && lease_.client().can("CONDSTORE");
    lease_.set_selected(true);
    co_return co_await lease_.client().begin(select, [&said](imap::Response& response) {
      const auto* status = std::get_if<imap::TaggedResponse>(&response);
      if (status && status->status.code && status->status.code->kind == imap::ResponseCode::Kind::Closed)
        said = {};  // what came before belongs to the mailbox that was open before
      said.take(response);
    });
  }

  // Whatever is marked goes: that must be these messages, and nothing else.
  asio::awaitable<base::Result<void>> expunge_marked(imap::UidSet uids) {
    auto marking = co_await change_flags(uids, imap::FlagChange::Add, {imap::Flag::Deleted});
    if (!marking) co_return marking;
    const auto marked = co_await marked_deleted();
    if (!marked) co_return std::unexpected(marked.error());
    if (!marked->minus(uids).empty())
      co_return base::refuse(base::Reason::InUse,
                             lease_.client().server() +
                                 " has no UIDPLUS and would expunge other messages too, which are marked as deleted");
    const auto answer = co_await lease_.client().execute(imap::ExpungeCommand{});
    if (!answer.is_ok()) co_return std::unexpected(refusal_of(answer));
    co_return co_await check_gone(lease_.client(), std::move(uids));
  }

  ImapPool::Lease lease_;
  imap::MailboxName name_;
  NamesThere names_;
  KnownSizes sizes_;  // of what the last look told
  bool texts_at_once_ = false, careful_ = false;
  // As the last SELECT said.
  imap::UidValidity uid_validity_;
  imap::FlagSet kept_ = SideChanges().keepable;
  bool keeps_any_keyword_ = true;
  std::optional<std::uint64_t> append_limit_;
  bool asked_append_limit_ = false;
};

}  // namespace

std::unique_ptr<ReplicaMailbox> make_imap_mailbox(ImapPool::Lease lease, imap::MailboxName name, NamesThere names) {
  return std::make_unique<ImapMailbox>(std::move(lease), std::move(name), std::move(names));
}

}  // namespace mirror
