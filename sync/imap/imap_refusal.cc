// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/imap/imap_refusal.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "sync/client/refused_login.h"

namespace mirror {

base::Refusal refusal_of(const imap::StatusResponse& answer) {
  using Kind = imap::ResponseCode::Kind;
  base::Refusal out{base::Reason::Failed, answer.text.empty() ? std::string("the server says no") : answer.text};
  if (!answer.code) return out;
  switch (answer.code->kind) {
    case Kind::OverQuota: out.reason = base::Reason::NoSpace; break;
    case Kind::TooBig: out.reason = base::Reason::TooBig; break;
    case Kind::AlreadyExists: out.reason = base::Reason::AlreadyExists; break;
    case Kind::NonExistent:
    case Kind::TryCreate: out.reason = base::Reason::NoSuchMailbox; break;
    case Kind::NoPerm: out.reason = base::Reason::NotPermitted; break;
    case Kind::ReadOnly: out.reason = base::Reason::ReadOnly; break;
    default: break;
  }
  return out;
}

// Older servers say it in words alone ("NO Over quota" of Cyrus, "You exceeded your mail quota" of Courier, "The 1500
// MB storage limit has been exceeded" of GroupWise: OfflineIMAP/offlineimap#29).
base::Refusal refusal_of_append(const imap::StatusResponse& answer) {
  auto out = refusal_of(answer);
  auto words = answer.text;
  std::ranges::transform(words, words.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto says = [&](std::string_view what) { return words.find(what) != std::string::npos; };
  const bool full = says("quota") || says("storage limit") || says("mailbox is full") || says("mailbox full");
  if (out.reason == base::Reason::Failed && full) out.reason = base::Reason::NoSpace;
  if (is_throttled(answer)) out.reason = base::Reason::Limit;
  return out;
}

}  // namespace mirror
