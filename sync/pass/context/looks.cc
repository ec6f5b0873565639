// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// As text, of each mailbox: UIDVALIDITY, UIDNEXT, messages, unseen ones (or -1), when (seconds since 1970), how many
// octets its path has, each with a blank behind it; then the path.
#include "sync/pass/context/looks.h"

#include <array>
#include <charconv>

namespace mirror {

namespace {

constexpr std::size_t kNumbers = 6;
using Numbers = std::array<std::int64_t, kNumbers>;

// Takes them from the text; nullopt: it does not begin with them.
std::optional<Numbers> take_numbers(std::string_view& text) {
  Numbers out{};
  for (auto& number : out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto length = static_cast<std::size_t>(end - text.data());
    if (error != std::errc() || length == text.size() || *end != ' ') return std::nullopt;
    text.remove_prefix(length + 1);
  }
  return out;
}

}  // namespace

Looks::Looks(std::string_view text) {
  while (const auto numbers = take_numbers(text)) {
    const auto [validity, next, messages, unseen, when, length] = *numbers;
    if (length <= 0 || static_cast<std::uint64_t>(length) > text.size()) return;
    const auto octets = static_cast<std::size_t>(length);
    auto& look = looks_[MailboxPath(std::string(text.substr(0, octets)))];
    look.state.uid_validity = imap::UidValidity(static_cast<std::uint32_t>(validity));
    look.state.uid_next = imap::Uid(static_cast<std::uint32_t>(next));
    look.state.messages = static_cast<std::uint32_t>(messages);
    if (unseen >= 0) look.unseen = static_cast<std::uint64_t>(unseen);
    look.when = Clock::time_point(std::chrono::seconds(when));
    text.remove_prefix(octets);
  }
}

std::string Looks::text() const {
  std::string out;
  for (const auto& [path, look] : looks_) {
    const auto when = std::chrono::duration_cast<std::chrono::seconds>(look.when.time_since_epoch()).count();
    const auto unseen = look.unseen ? std::to_string(*look.unseen) : "-1";
    for (const auto& number :
         {std::to_string(look.state.uid_validity.value), std::to_string(look.state.uid_next.value),
          std::to_string(look.state.messages), unseen, std::to_string(when), std::to_string(path.text().size())})
      out += number + ' ';
    out += path.text();
  }
  return out;
}

}  // namespace mirror
