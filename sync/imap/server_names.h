// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// ServerNames: which path a server's mailbox has here, and which name a path has there.
// 1. The server's own octets are kept and used with that server; the path is made of what a person reads.
// 2. INBOX is INBOX, wherever the others lie.
// 3. What lies below the personal namespace's prefix ("INBOX." of Courier and Cyrus, RFC 2342) lies at the top here; or
//    below list-reference, where that is given.
// 4. What the server says of its namespaces is kept with a digest of its mailboxes' names, and asked for again when it
//    has others: most passes do without the question.
// 5. A state keeps the names it was made with, whatever a server says later: one from before namespaces were read, or
//    one whose server says another prefix while its mailboxes still lie below the old one.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/result.h"
#include "proto/mailbox_name.h"
#include "proto/response/list.h"
#include "proto/response/namespace.h"
#include "sync/mailbox_path.h"
#include "sync/replica.h"

namespace mirror {

// What the agreed state knows of the namespace.
struct KnownNamespace {
  std::string prefix;                                   // that is cut off; empty: none so far
  std::function<bool(const MailboxPath&)> knows_below;  // whether there are mailboxes below this path
  std::function<void(const std::string&)> remember;     // a prefix from now on
  std::string said{};                                   // what remember_said was given last
  std::function<void(const std::string&)> remember_said{};
};

class ServerNames {
 public:
  // server: for messages. reference: the option list-reference.
  ServerNames(std::string server, std::string reference, KnownNamespace known);

  using Listed = std::map<std::string, imap::ListResponse>;

  void take(const imap::NamespaceResponse& said);
  // Whether the server had these mailboxes when it last told of its namespaces: then it counts as having told so now.
  bool take_as_before(const Listed& listed);
  bool has_been_told_before() const { return !known_.said.empty(); }
  void remember_said(const Listed& listed);
  const std::string& prefix() const { return prefix_; }

  // One listing: begin() with all of it, then add() of each mailbox. nullopt: it is no mailbox of this account, or is
  // left out.
  void begin(const Listed& listed, std::optional<char> delimiter);
  int rank(const imap::ListResponse& listed) const;  // of two that are called alike here, the lower one is added first
  std::optional<MailboxPath> add(const imap::ListResponse& listed);
  void leave_out(const MailboxPath& path, const std::string& why) { left_out_.push_back({path, why}); }
  const std::vector<LeftOut>& left_out() const { return left_out_; }

  // Also of a mailbox that is not there yet.
  base::Result<imap::MailboxName> name_of(const MailboxPath& path) const;

 private:
  void use(const std::string& prefix);
  void apply_said();
  bool is_below_prefix(const imap::ListResponse& listed) const;
  std::optional<MailboxPath> path_of(const imap::ListResponse& listed, const imap::MailboxName& name) const;
  std::optional<imap::MailboxName> below_listed(const MailboxPath& path) const;

  std::string server_;
  std::string prefix_;
  bool configured_;   // the prefix is list-reference
  bool inbox_apart_;  // INBOX is not looked for below the prefix
  KnownNamespace known_;
  std::optional<std::string> said_prefix_;
  std::optional<char> delimiter_, said_delimiter_;
  std::map<MailboxPath, imap::MailboxName> names_;
  std::vector<LeftOut> left_out_;
};

bool is_selectable(const imap::ListResponse& listed);

// The personal namespace's prefix that can be cut off, "" where mailboxes of the account lie at the top as well.
// nullopt: nothing is said of a personal namespace.
std::optional<std::string> personal_prefix(const imap::NamespaceResponse& said);

}  // namespace mirror
