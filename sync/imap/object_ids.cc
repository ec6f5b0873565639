// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/imap/object_ids.h"

#include <algorithm>
#include <string_view>
#include <variant>

#include "sync/imap/imap_stream.h"
#include "sync/imap/message_limit.h"

namespace mirror {

namespace {

constexpr std::size_t kLongest = 255;  // octets (RFC 8474 section 7)

bool is_objectid_char(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '_' || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

bool is_named(std::string_view name, std::string_view word) {
  return std::ranges::equal(name, word, [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 32 : a) == b; });
}

// objectid = 1*255(ALPHA / DIGIT / "_" / "-"); fetch-emailid-resp = "EMAILID" SP "(" objectid ")"
std::string checked(std::string_view text) {
  const bool good = !text.empty() && text.size() <= kLongest && std::ranges::all_of(text, is_objectid_char);
  return good ? std::string(text) : std::string();
}

}  // namespace

std::optional<imap::FetchItem> object_id_item(const Client& client) {
  if (client.can("OBJECTID")) return item(imap::FetchItem::Kind::EmailId);
  if (client.can("X-GM-EXT-1")) return item(imap::FetchItem::Kind::GmailMessageId);
  return std::nullopt;
}

std::string object_id_of(const imap::FetchResponse& fetched) {
  for (const auto& [name, value] : fetched.others) {
    const std::string_view text = value;
    if (is_named(name, "X-GM-MSGID")) return checked(text);
    if (is_named(name, "EMAILID") && text.starts_with('(') && text.ends_with(')'))
      return checked(text.substr(1, text.size() - 2));
  }
  return {};
}

asio::awaitable<ObjectIds> object_ids_of(Client& client, imap::UidSet uids) {
  ObjectIds out;
  const auto asked = object_id_item(client);
  if (!asked) co_return out;
  for (const auto& part : split(uids, 0, most_messages(client))) {
    imap::FetchCommand fetch;
    fetch.messages = by_uid(part);
    fetch.items = {*asked};
    const auto answer = co_await client.execute(fetch, [&](imap::Response& response) {
      const auto* fetched = std::get_if<imap::FetchResponse>(&response);
      if (fetched && fetched->uid && part.contains(*fetched->uid)) out[*fetched->uid] = object_id_of(*fetched);
    });
    if (!answer.is_ok()) break;
  }
  std::erase_if(out, [](const auto& one) { return one.second.empty(); });
  co_return out;
}

}  // namespace mirror
