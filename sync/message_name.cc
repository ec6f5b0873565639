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
  return base::shortened(imap::collapse_spaces(base::printable(text)), kLongest);
}

bool is_missing(const imap::NString& part) { return !part || part->empty() || part->starts_with("MISSING_"); }

std::string sender(std::string_view header) {
  const auto value = field(header, "From");
  const auto addresses = mail::parse_addresses(value);
  if (addresses.empty() || is_missing(addresses.front().mailbox) || is_missing(addresses.front().host))
    return mail::decode_words(value);
  const auto& first = addresses.front();
  auto address = *first.mailbox + '@' + *first.host;
  return mail::decode_words(first.name && !first.name->empty() ? *first.name + " <" + address + ">"
                                                               : std::move(address));
}

std::string shown(std::int64_t date) {
  const std::time_t when = date;
  char text[64] = "";
  std::tm local{};
  if (::localtime_r(&when, &local) != nullptr) std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local);
  return text;
}

}  // namespace

MessageWords message_words(std::string_view header, std::int64_t date) {
  return {mail::decode_words(field(header, "Subject")), sender(header), mail::sent_time(header).value_or(date)};
}

std::string message_name(std::string_view header, std::int64_t date) {
  const auto words = message_words(header, date);
  const auto subject = shown(words.subject), from = shown(words.from);
  auto out = subject.empty() ? std::string("a message without a subject") : "\"" + subject + "\"";
  if (!from.empty()) out += " from " + from;
  if (words.date != 0) out += " (" + shown(words.date) + ")";
  return out;
}

}  // namespace mirror
