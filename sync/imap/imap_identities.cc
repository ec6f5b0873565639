// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/imap/imap_identities.h"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

#include "proto/mail/digest.h"
#include "proto/mail/message_id.h"
#include "proto/mail/sent_date.h"
#include "sync/imap/imap_stream.h"
#include "sync/imap/message_limit.h"
#include "sync/imap/object_ids.h"
#include "sync/imap/uid_parts.h"
#include "sync/imap/uid_search.h"
#include "sync/message_name.h"

namespace mirror {

namespace {

using imap::FetchItem;

// What one line tells, which need not be all.
void add(const imap::FetchResponse& fetched, Identity& out) {
  out.uid = *fetched.uid;
  if (auto id = object_id_of(fetched); !id.empty()) out.object_id = std::move(id);
  if (fetched.flags) out.flags = *fetched.flags;
  if (fetched.size && out.size == 0) out.size = *fetched.size;
  if (fetched.internal_date && out.internal_date == 0) out.internal_date = fetched.internal_date->unix_seconds;
  if (!fetched.texts.empty() && fetched.texts.front().octets && out.message_id.empty())
    out.message_id = mail::message_id_of(fetched.texts.front().octets->bytes());
}

// A message without a readable INTERNALDATE has the time of its Date field, as when it is fetched.
asio::awaitable<void> date(Client& client, std::vector<Identity>& those, imap::UidSet undated) {
  for (const auto& part : split(undated, 0, most_messages(client))) {
    imap::FetchCommand fetch;
    fetch.messages = by_uid(part);
    fetch.items = {header_fields({"DATE"})};
    co_await client.execute(fetch, [&](imap::Response& response) {
      auto* fetched = std::get_if<imap::FetchResponse>(&response);
      if (fetched == nullptr || !fetched->uid || fetched->texts.empty() || !fetched->texts.front().octets) return;
      const auto at = std::ranges::lower_bound(those, *fetched->uid, {}, &Identity::uid);
      if (at == those.end() || at->uid != *fetched->uid || !undated.contains(at->uid)) return;
      at->internal_date = mail::sent_time(fetched->texts.front().octets->bytes()).value_or(0);
    });
  }
}

}  // namespace

asio::awaitable<std::vector<Identity>> describe(Client& client, imap::UidSet uids) {
  std::map<imap::Uid, Identity> told;
  imap::UidSet described, undated;
  co_await client.execute(imap::NoopCommand{});  // what was just appended is shown from here on
  UidParts parts(client.server(), uids);
  auto id = object_id_item(client);
  while (!parts.empty()) {
    const auto part = parts.next();
    imap::FetchCommand fetch;
    fetch.messages = by_uid(part);
    fetch.items = {item(FetchItem::Kind::Flags), item(FetchItem::Kind::InternalDate), item(FetchItem::Kind::Rfc822Size),
                   header_fields({"MESSAGE-ID"})};
    if (id) fetch.items.push_back(*id);
    const auto answer = co_await client.execute(fetch, [&](imap::Response& response) {
      auto* fetched = std::get_if<imap::FetchResponse>(&response);
      if (fetched == nullptr || !fetched->uid || !part.contains(*fetched->uid)) return;
      add(*fetched, told[*fetched->uid]);
      if (fetched->size || !fetched->texts.empty()) described.add(*fetched->uid);  // flags alone nobody asked for
    });
    if (id && !answer.is_ok()) {  // it may be that which it does not like
      id.reset();
      parts.again(part.minus(described));
      continue;
    }
    parts.answered(part, part.minus(described), answer);
  }
  std::vector<Identity> out;
  for (auto& [uid, identity] : told) {
    if (!described.contains(uid)) continue;
    if (identity.internal_date == 0) undated.add(uid);
    out.push_back(std::move(identity));
  }
  if (!undated.empty()) co_await date(client, out, undated);
  co_return out;
}

asio::awaitable<FlagsOfMessages> flags_of(Client& client, imap::UidSet uids) {
  FlagsOfMessages out;
  for (const auto& part : split(uids, 0, most_messages(client))) {
    imap::FetchCommand fetch;
    fetch.messages = by_uid(part);
    fetch.items = {item(FetchItem::Kind::Flags)};
    co_await client.execute(fetch, [&](imap::Response& response) {
      const auto* told = std::get_if<imap::FetchResponse>(&response);
      if (told && told->uid && told->flags && part.contains(*told->uid)) out[*told->uid] = *told->flags;
    });
  }
  co_return out;
}

asio::awaitable<std::map<imap::Uid, std::string>> header_digests_of(Client& client, imap::UidSet uids) {
  std::map<imap::Uid, std::string> out;
  auto header = header_fields({});
  header.section.text = imap::Section::Text::Header;
  for (const auto& part : split(uids, 0, most_messages(client))) {
    imap::FetchCommand fetch;
    fetch.messages = by_uid(part);
    fetch.items = {header};
    co_await client.execute(fetch, [&](imap::Response& response) {
      const auto* told = std::get_if<imap::FetchResponse>(&response);
      if (told == nullptr || !told->uid || !part.contains(*told->uid) || told->texts.empty()) return;
      if (const auto& octets = told->texts.front().octets) out[*told->uid] = mail::digest_of(*octets).sha256;
    });
  }
  co_return out;
}

asio::awaitable<imap::UidSet> told_of(Client& client, imap::UidSet uids) {
  imap::UidSet out;
  for (const auto& part : split(uids, 0, most_messages(client))) {
    imap::FetchCommand fetch;
    fetch.messages = by_uid(part);
    fetch.items = {item(FetchItem::Kind::Flags)};
    const auto answer = co_await client.execute(fetch, [&](imap::Response& response) {
      const auto* told = std::get_if<imap::FetchResponse>(&response);
      if (told && told->uid && part.contains(*told->uid)) out.add(*told->uid);
    });
    if (!answer.is_ok()) out.add(part);  // it does not say that they are gone
    imap::SearchCommand search;
    search.key.kind = imap::SearchKey::Kind::Messages;
    search.key.messages = by_uid(part);
    const auto found = co_await search_uids(client, std::move(search));
    out.add(found ? found->intersect(part) : part);
  }
  co_return out;
}

asio::awaitable<std::map<imap::Uid, std::string>> name_messages(Client& client, imap::UidSet uids) {
  std::map<imap::Uid, std::string> out;
  UidParts parts(client.server(), uids);
  while (!parts.empty()) {
    const auto part = parts.next();
    imap::FetchCommand fetch;
    fetch.messages = by_uid(part);
    fetch.items = {item(FetchItem::Kind::InternalDate), header_fields({"SUBJECT", "FROM", "DATE"})};
    imap::UidSet told;
    const auto answer = co_await client.execute(fetch, [&](imap::Response& response) {
      const auto* fetched = std::get_if<imap::FetchResponse>(&response);
      if (fetched == nullptr || !fetched->uid || !part.contains(*fetched->uid) || fetched->texts.empty()) return;
      const auto& octets = fetched->texts.front().octets;
      const auto date = fetched->internal_date ? fetched->internal_date->unix_seconds : 0;
      if (octets && octets->size() > 0) out[*fetched->uid] = message_name(octets->bytes(), date);
      told.add(*fetched->uid);
    });
    parts.answered(part, part.minus(told), answer);
  }
  co_return out;
}

}  // namespace mirror
