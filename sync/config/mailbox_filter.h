// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// MailboxFilter: which mailboxes are synchronised: list-mailbox's patterns, ignore-mailbox's expression.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/result.h"
#include "sync/mailbox_path.h"

namespace mirror {

// list-mailbox: words, or quoted with C escapes, in modified UTF-7; the result in UTF-8.
base::Result<std::vector<std::string>> parse_patterns(std::string_view text);

class MailboxFilter {
 public:
  static base::Result<void> check(const std::string& ignore);  // a regular expression?
  // Both may be empty. The expression must have been checked.
  MailboxFilter(std::vector<std::string> patterns, const std::string& ignore);
  ~MailboxFilter();
  MailboxFilter(const MailboxFilter&) = delete;
  MailboxFilter& operator=(const MailboxFilter&) = delete;

  bool matches(const MailboxPath& path) const;
  // For the server's LIST; empty where they cannot be said without knowing its delimiter.
  std::vector<std::string> server_patterns() const;

 private:
  struct Expression;
  std::vector<std::string> patterns_;
  std::unique_ptr<Expression> ignore_;
};

}  // namespace mirror
