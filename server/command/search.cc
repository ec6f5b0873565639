// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>

#include "proto/mail/charset.h"
#include "proto/response/esearch.h"
#include "proto/response/search.h"
#include "proto/response/sort.h"
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

// What SEARCH, SORT and THREAD have in common. nullopt: the charset is known, and the texts are UTF-8.
std::optional<imap::StatusResponse> Session::refuse_charset(imap::SearchKey& key, const std::string& charset,
                                                            bool saves) {
  if (charset.empty() || (mail::is_known_charset(charset) && to_utf8(key, charset))) return std::nullopt;
  if (saves) view_->save({});
  return imap::StatusResponse::no("Unknown charset.")
      .with({imap::ResponseCode::Kind::BadCharset, std::vector<std::string>{"UTF-8", "US-ASCII"}});
}

asio::awaitable<std::optional<Session::Found>> Session::find(imap::SearchKey& key) {
  view_->refresh();
  resolve(key, *view_);
  const auto stop = [this] { return stopping_.load(); };
  std::optional<Found> out(std::in_place);
  try {
    out->uids = co_await work_on_texts([&] { return view_->mailbox().search(key, view_->all_uids(), stop); });
    view_->refresh();
    const auto& gone = view_->unreported_expunges();
    if (!gone.empty()) out->unsure = co_await work([&] { return add_expunged(out->uids, key, gone, stop); });
  } catch (const store::SearchStopped&) {
    out.reset();
  }
  co_return out;
}

// UID commands tell of the expunges at once.
imap::StatusResponse Session::concluded(const Wanted& wanted, const Found& found, std::string text) {
  if (found.unsure && !wanted.by_uid)
    return imap::StatusResponse::ok("Some of the messages are gone.").with(imap::ResponseCode::Kind::ExpungeIssued);
  return imap::StatusResponse::ok(std::move(text));
}

imap::StatusResponse Session::search_stopped() {
  return imap::StatusResponse::no("The search was stopped.").with(imap::ResponseCode::Kind::Unavailable);
}

bool Session::wants_modseq(const imap::SearchKey& root) {
  bool out = false;
  imap::for_each_key(root, [&](const Key& key) { out = out || key.kind == Key::Kind::ModSeq; });
  if (out) enable_condstore();
  return out;
}

// SEARCH and UID SEARCH (RFC 9051 section 6.4.4, RFC 4731, RFC 5182)
Session::Answer Session::on(imap::SearchCommand& command) {
  const bool saves = command.returns && command.returns->save;
  if (auto refused = refuse_charset(command.key, command.charset, saves)) co_return std::move(*refused);
  const Wanted wanted{command.by_uid, command.returns, wants_modseq(command.key)};
  const auto found = co_await find(command.key);
  if (!found) co_return search_stopped();
  if (saves) save_found(*command.returns, *found);
  put_found(wanted, *found);
  co_return concluded(wanted, *found, "Search completed.");
}

void Session::save_found(const imap::SearchReturn& returns, const Found& found) {
  auto uids = found.uids;
  if (!returns.all && !returns.count && (returns.min || returns.max)) {
    uids.clear();
    if (returns.min && !found.uids.empty()) uids.push_back(found.uids.front());
    if (returns.max && !found.uids.empty()) uids.push_back(found.uids.back());
  }
  std::ranges::sort(uids);
  imap::UidSet saved;
  for (const auto uid : uids) saved.add(uid);
  view_->save(std::move(saved));
}

namespace {

// SORT's ranges are told in its order: only what follows one another there is one (RFC 5267 section 3.1).
imap::SequenceSet in_order(const std::vector<std::uint32_t>& numbers) {
  imap::SequenceSet out;
  for (const auto number : numbers) {
    if (!out.ranges.empty() && out.ranges.back().last + 1 == number)
      out.ranges.back().last = number;
    else
      out.ranges.push_back({number, number});
  }
  return out;
}

}  // namespace

void Session::put_found(const Wanted& wanted, const Found& found) {
  std::vector<std::uint32_t> numbers;
  std::vector<imap::Uid> here;
  numbers.reserve(found.uids.size());
  for (const auto uid : found.uids) {
    const auto number = view_->number(uid);
    if (!number) continue;
    numbers.push_back(wanted.by_uid ? uid.value : number->value);
    if (wanted.with_modseq) here.push_back(uid);
  }
  std::optional<imap::ModSeq> modseq;
  if (wanted.with_modseq && !numbers.empty()) {
    const auto highest = highest_modseq(here, wanted.returns);
    if (highest.value > 0) modseq = highest;  // else all of them are gone
    view_->told_modseq(highest);
  }
  const auto& returns = wanted.returns;
  if (!returns) {
    if (found.sorted)
      put_response(imap::SortResponse{std::move(numbers), modseq});
    else
      put_response(imap::SearchResponse{std::move(numbers), modseq});
    return;
  }
  const bool all = returns->all || !(returns->min || returns->max || returns->count || returns->save);
  if (returns->save && !(all || returns->min || returns->max || returns->count)) return;  // RFC 5182: nothing is sent
  imap::EsearchResponse out;
  out.tag = tag_;
  out.by_uid = wanted.by_uid;
  out.modseq = modseq;
  if (returns->count) out.count = numbers.size();
  if (!numbers.empty()) {
    if (returns->min) out.min = numbers.front();
    if (returns->max) out.max = numbers.back();
    if (all) out.all = in_order(numbers);
  }
  put_response(out);
}

// With MIN or MAX alone, of these messages only (RFC 4731 section 3.2).
imap::ModSeq Session::highest_modseq(std::vector<imap::Uid> found,
                                     const std::optional<imap::SearchReturn>& returns) const {
  if (returns && (returns->min || returns->max) && !returns->all && !returns->count) {
    const auto first = found.front(), last = found.back();
    found.clear();
    if (returns->min) found.push_back(first);
    if (returns->max) found.push_back(last);
  }
  std::ranges::sort(found);
  imap::UidSet of;
  for (const auto uid : found) of.add(uid);
  imap::ModSeq highest;
  for (const auto& message : view_->mailbox().messages(of)) highest = std::max(highest, message.modseq);
  return highest;
}

}  // namespace server
