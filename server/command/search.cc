// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>

#include "proto/mail/charset.h"
#include "proto/response/esearch.h"
#include "proto/response/search.h"
#include "proto/search/search_evaluator.h"
#include "server/session.h"

namespace server {

namespace {

using Key = imap::SearchKey;

// Numbers, UIDs and \Recent are the session's to know: the store gets UIDs.
void resolve(Key& root, const MailboxView& view) {
  imap::for_each_key(root, [&](Key& key) {
    if (key.kind == Key::Kind::Messages) {
      key.kind = Key::Kind::Uids;
      key.uids = view.uids(view.resolve_existing(key.messages));
    } else if (key.kind == Key::Kind::Recent) {
      key.kind = Key::Kind::Uids;
      key.uids = view.recent();
    }
  });
}

bool to_utf8(Key& root, const std::string& charset) {
  bool good = true;
  imap::for_each_key(root, [&](Key& key) {
    if (key.text.empty() || !good) return;
    auto text = mail::to_utf8(charset, key.text);
    good = text.has_value();
    if (good) key.text = std::move(*text);
  });
  return good;
}

bool speaks_of_modseq(const Key& root) {
  bool out = false;
  imap::for_each_key(root, [&](const Key& key) { out = out || key.kind == Key::Kind::ModSeq; });
  return out;
}

// To the client a message is there until it was told otherwise, though its file is gone: what can be said of it by its
// number alone is said. Adds those of `gone` that match; true: whether some others match cannot be known any more.
bool add_expunged(std::vector<imap::Uid>& found, const Key& key, const imap::UidSet& gone,
                  const std::function<bool()>& stop) {
  imap::SearchEvaluator evaluator(key, [](Key::Kind kind) { return kind == Key::Kind::Uids ? 0 : 1; });
  std::vector<imap::Uid> matching;
  bool unsure = false;
  gone.for_each([&](imap::Uid uid) {
    if (stop()) throw store::SearchStopped{};
    if (std::ranges::binary_search(found, uid)) return;  // it was expunged after it had been looked at
    const auto match = evaluator.evaluate([&](const Key& k) {
      if (k.kind == Key::Kind::Uids) return imap::truth(k.uids.contains(uid));
      return k.kind == Key::Kind::All ? imap::Truth::Yes : imap::Truth::Unknown;
    });
    if (match == imap::Truth::Yes) matching.push_back(uid);
    unsure = unsure || match == imap::Truth::Unknown;
  });
  found.insert(found.end(), matching.begin(), matching.end());
  std::ranges::sort(found);
  return unsure;
}

}  // namespace

// SEARCH and UID SEARCH (RFC 9051 section 6.4.4, RFC 4731, RFC 5182)
Session::Answer Session::on(imap::SearchCommand& command) {
  const bool saves = command.returns && command.returns->save;
  if (!command.charset.empty() &&
      (!mail::is_known_charset(command.charset) || !to_utf8(command.key, command.charset))) {
    if (saves) view_->save({});
    co_return imap::StatusResponse::no("Unknown charset.")
        .with({imap::ResponseCode::Kind::BadCharset, std::vector<std::string>{"UTF-8", "US-ASCII"}});
  }
  const bool with_modseq = speaks_of_modseq(command.key);
  if (with_modseq) enable_condstore();
  view_->refresh();
  resolve(command.key, *view_);
  const auto stop = [this] { return stopping_.load(); };
  std::optional<std::vector<imap::Uid>> found;
  bool unsure = false;
  try {
    found = co_await work([&] { return view_->mailbox().search(command.key, view_->all_uids(), stop); });
    view_->refresh();
    const auto& gone = view_->unreported_expunges();
    if (!gone.empty()) unsure = co_await work([&] { return add_expunged(*found, command.key, gone, stop); });
  } catch (const store::SearchStopped&) {
    found.reset();
  }
  if (!found) co_return imap::StatusResponse::no("The search was stopped.").with(imap::ResponseCode::Kind::Unavailable);
  if (saves) save_found(*command.returns, *found);
  put_found(command, *found, with_modseq);
  if (unsure && !command.by_uid)  // UID SEARCH tells of the expunges at once
    co_return imap::StatusResponse::ok("Some of the messages are gone.").with(imap::ResponseCode::Kind::ExpungeIssued);
  co_return imap::StatusResponse::ok("Search completed.");
}

void Session::save_found(const imap::SearchCommand::Return& returns, const std::vector<imap::Uid>& found) {
  imap::UidSet saved;
  if (!returns.all && !returns.count && (returns.min || returns.max)) {
    if (returns.min && !found.empty()) saved.add(found.front());
    if (returns.max && !found.empty()) saved.add(found.back());
  } else {
    for (const auto uid : found) saved.add(uid);
  }
  view_->save(std::move(saved));
}

void Session::put_found(const imap::SearchCommand& command, const std::vector<imap::Uid>& found, bool with_modseq) {
  std::vector<std::uint32_t> numbers;
  imap::UidSet uids;
  numbers.reserve(found.size());
  for (const auto uid : found) {
    const auto number = view_->number(uid);
    if (!number) continue;
    numbers.push_back(command.by_uid ? uid.value : number->value);
    uids.add(uid);
  }
  const auto* returns = command.returns ? &*command.returns : nullptr;
  std::optional<imap::ModSeq> modseq;
  if (with_modseq && !numbers.empty()) {
    const auto highest = highest_modseq(uids, returns);
    if (highest.value > 0) modseq = highest;  // else all of them are gone
    view_->told_modseq(highest);
  }
  if (!returns) {
    put_response(imap::SearchResponse{std::move(numbers), modseq});
    return;
  }
  const bool all = returns->all || !(returns->min || returns->max || returns->count || returns->save);
  if (returns->save && !(all || returns->min || returns->max || returns->count)) return;  // RFC 5182: nothing is sent
  imap::EsearchResponse out;
  out.tag = tag_;
  out.by_uid = command.by_uid;
  out.modseq = modseq;
  if (returns->count) out.count = numbers.size();
  if (!numbers.empty()) {
    if (returns->min) out.min = numbers.front();
    if (returns->max) out.max = numbers.back();
    if (all) out.all = command.by_uid ? imap::SequenceSet::of(uids) : imap::SequenceSet::of(view_->numbers(uids));
  }
  put_response(out);
}

// With MIN or MAX alone, of these messages only (RFC 4731 section 3.2).
imap::ModSeq Session::highest_modseq(const imap::UidSet& found, const imap::SearchCommand::Return* returns) const {
  imap::UidSet of = found;
  if (returns && (returns->min || returns->max) && !returns->all && !returns->count) {
    of = {};
    if (returns->min) of.add(found.min());
    if (returns->max) of.add(found.max());
  }
  imap::ModSeq highest;
  for (const auto& message : view_->mailbox().messages(of)) highest = std::max(highest, message.modseq);
  return highest;
}

}  // namespace server
