// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
#include "sync/imap/imap_refusal.h"

#include <algorithm>
#include <cctype>

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

// Older servers say it in words alone ("NO Over quota" of Cyrus, "You exceeded your mail quota" of Courier).
base::Refusal refusal_of_append(const imap::StatusResponse& answer) {
  auto out = refusal_of(answer);
  auto words = answer.text;
  std::ranges::transform(words, words.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (out.reason == base::Reason::Failed && words.find("quota") != std::string::npos)
    out.reason = base::Reason::NoSpace;
  if (is_throttled(answer)) out.reason = base::Reason::Limit;
  return out;
}

}  // namespace mirror
