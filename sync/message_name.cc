// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/message_name.h"

#include <ctime>

#include "proto/base/printable.h"
#include "proto/flags.h"
#include "proto/mail/charset.h"
#include "proto/mail/header.h"
#include "proto/mail/sent_date.h"

namespace mirror {

namespace {

constexpr std::size_t kLongest = 70;  // characters of a subject, and of a sender

std::string field(std::string_view header, std::string_view name) {
  std::string out;
  mail::for_each_field(header, [&](const mail::HeaderField& one) {
    if (!imap::equal_ignoring_case(one.name, name)) return true;
    out = mail::unfold(one.value);
    return false;
  });
  return out;
}

std::string shown(const std::string& text) {
  return base::shortened(imap::collapse_spaces(base::printable(mail::decode_words(text))), kLongest);
}

bool is_missing(const imap::NString& part) { return !part || part->empty() || part->starts_with("MISSING_"); }

std::string sender(std::string_view header) {
  const auto value = field(header, "From");
  const auto addresses = mail::parse_addresses(value);
  if (addresses.empty() || is_missing(addresses.front().mailbox) || is_missing(addresses.front().host))
    return shown(value);
  const auto& first = addresses.front();
  auto address = *first.mailbox + '@' + *first.host;
  return shown(first.name && !first.name->empty() ? *first.name + " <" + address + ">" : std::move(address));
}

std::string shown(std::int64_t date) {
  const std::time_t when = date;
  char text[64] = "";
  std::tm local{};
  if (::localtime_r(&when, &local) != nullptr) std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local);
  return text;
}

}  // namespace

std::string message_name(std::string_view header, std::int64_t date) {
  const auto subject = shown(field(header, "Subject")), from = sender(header);
  auto out = subject.empty() ? std::string("a message without a subject") : "\"" + subject + "\"";
  if (!from.empty()) out += " from " + from;
  if (const auto when = mail::sent_time(header).value_or(date); when != 0) out += " (" + shown(when) + ")";
  return out;
}

}  // namespace mirror
