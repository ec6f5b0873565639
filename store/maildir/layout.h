// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// Layout: where mailboxes lie below the store's root, and the two files about all of them.
//
// fs: `lists/foo/{cur,new,tmp}`, delimiter '/'; INBOX is the root itself where that is a Maildir, else the directory
// `INBOX` (or `Inbox`, as mbsync's users write it). maildir++: `.lists.foo/{cur,new,tmp}`, delimiter '.'; INBOX is the
// root. Found by looking: a root that is a Maildir with a `.name` Maildir in it (or none at all below it) is maildir++,
// everything else is fs. Where the mailboxes below others are all `lists/.debian`, as mbsync's SubFolders Legacy makes
// them, those below others are looked for and made so. A new store is fs with an `INBOX` directory: names are readable
// to people and to mutt, and a mailbox can hold a '.'. Names on disk are in modified UTF-7, as Dovecot has them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proto/base/result.h"
#include "proto/mailbox_name.h"

namespace store {

class Layout {
 public:
  enum class Kind : std::uint8_t { Fs, MaildirPlusPlus };

  // Throws std::system_error where the root cannot be read. `root` exists.
  explicit Layout(std::filesystem::path root);

  Kind kind() const { return kind_; }
  char delimiter() const { return kind_ == Kind::Fs ? '/' : '.'; }
  const std::filesystem::path& root() const { return root_; }

  // Refuses what the store cannot hold, and whatever would leave the root.
  base::Result<std::filesystem::path> directory(const imap::MailboxName& name) const;
  struct Found {
    imap::MailboxName name;
    std::filesystem::path directory;
    bool selectable = false;  // has cur/
  };
  std::vector<Found> walk() const;  // every mailbox and, in fs, the directories between

  // Whether what would be made at this path would lie in the root: below a linked mailbox it would not.
  bool lies_inside(const std::filesystem::path& path) const;

  // A Maildir, and not a mailbox's other name.
  bool is_mailbox(const imap::MailboxName& name, const std::filesystem::path& directory) const;
  static bool is_maildir(const std::filesystem::path& directory);
  // cur, new, tmp; durable once a file in it is (base::replace_file).
  static void make_maildir(const std::filesystem::path& directory);

  std::vector<imap::MailboxName> read_subscriptions() const;  // Dovecot's `subscriptions` file
  void write_subscriptions(const std::vector<imap::MailboxName>& names) const;
  std::vector<std::pair<std::string, imap::MailboxName>> read_special_use()
      const;  // `postern-special-use`: "\Sent name"
  void write_special_use(const std::vector<std::pair<std::string, imap::MailboxName>>& uses) const;

 private:
  void look_below_root();
  // Whether links lead from this path to a directory that has a name of its own in this store.
  bool is_another_name(const std::filesystem::path& path) const;
  using Place = std::pair<std::uint64_t, std::uint64_t>;  // device and inode
  // `above`: the directories that this one lies in, so that links in a circle end.
  void walk_fs(const std::filesystem::path& directory, const std::string& prefix, std::vector<Place>& above,
               std::vector<Found>& out) const;

  std::filesystem::path root_;
  Kind kind_ = Kind::Fs;
  bool inbox_is_root_ = false;
  bool dotted_below_ = false;    // fs: `lists/.debian` is lists/debian
  std::string inbox_ = "INBOX";  // its directory, where it is not the root
};

}  // namespace store
