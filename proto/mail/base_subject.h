// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The base subject (RFC 5256 section 2.1): what SORT and THREAD compare of a subject.
#pragma once

#include <string>
#include <string_view>

namespace mail {

struct BaseSubject {
  std::string text;                  // a collation key (collation.h)
  bool is_reply_or_forward = false;  // something was taken away that says so
  bool operator==(const BaseSubject&) const = default;
};

BaseSubject base_subject(std::string_view value);  // of the field's value as written

}  // namespace mail
