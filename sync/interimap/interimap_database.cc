// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How it goes:
// 1. Whoever has the file open with a lock is interimap, which holds one as long as it runs: then nothing is read.
// 2. A journal beside the file means that interimap was ended while it wrote. SQLite would mend the file with it, and
//    we do not write: interimap has to be run once.
// 3. SQLite opens it for reading alone, looks whether it is whole, and PRAGMA user_version has to be 1: that is the
//    only version in which mailboxes have NUL between their components.
// 4. What does not fit together is damage: a pair of no mailbox, a UID that is none.
#include "sync/interimap/interimap_database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <limits>
#include <map>
#include <memory>
#include <system_error>

#include "proto/base/files.h"
#include "proto/mailbox_name.h"

namespace mirror {

namespace {

constexpr std::int64_t kVersion = 1;
constexpr off_t kLockedOctets = 0x40000000;  // where SQLite's locks begin (the file format's lock-byte page)
constexpr off_t kLocks = 512;
constexpr off_t kSmallest = 512;  // page

struct Damaged {
  std::string what;
};

struct Closing {
  void operator()(sqlite3* database) const { ::sqlite3_close(database); }
  void operator()(sqlite3_stmt* statement) const { ::sqlite3_finalize(statement); }
};

// The rows of one SELECT. Throws Damaged.
class Rows {
 public:
  Rows(sqlite3* database, const char* query) : database_(database) {
    sqlite3_stmt* made = nullptr;
    const int code = ::sqlite3_prepare_v2(database, query, -1, &made, nullptr);
    statement_.reset(made);
    if (code != SQLITE_OK) throw Damaged{::sqlite3_errmsg(database)};
  }

  bool next() {
    const int code = ::sqlite3_step(statement_.get());
    if (code != SQLITE_ROW && code != SQLITE_DONE) throw Damaged{::sqlite3_errmsg(database_)};
    return code == SQLITE_ROW;
  }
  std::int64_t number(int column) const {
    if (::sqlite3_column_type(statement_.get(), column) != SQLITE_INTEGER) throw Damaged{"a number is none"};
    return ::sqlite3_column_int64(statement_.get(), column);
  }
  std::uint32_t number_32(int column) const {
    const auto value = number(column);
    if (value < 0 || value > std::numeric_limits<std::uint32_t>::max()) throw Damaged{"a number is too large"};
    return static_cast<std::uint32_t>(value);
  }
  imap::Uid uid(int column) const {
    const auto value = number_32(column);
    if (value == 0) throw Damaged{"a UID is 0"};
    return imap::Uid(value);
  }
  std::string text(int column) const {
    const auto* octets = static_cast<const char*>(::sqlite3_column_blob(statement_.get(), column));
    const auto size = static_cast<std::size_t>(::sqlite3_column_bytes(statement_.get(), column));
    return octets == nullptr ? std::string() : std::string(octets, size);
  }

 private:
  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Closing> statement_;
};

// Components in modified UTF-7 with NUL between them. What is no modified UTF-7 is taken as it is, as elsewhere.
MailboxPath path_of(const std::string& name) {
  std::string out;
  for (std::size_t at = 0; at <= name.size();) {
    const auto end = std::min(name.find('\0', at), name.size());
    const auto component = name.substr(at, end - at);
    out += (at == 0 ? "" : std::string(1, '\0')) + imap::decode_modified_utf7(component).value_or(component);
    at = end + 1;
  }
  return MailboxPath(std::move(out));
}

SideState state_of(const Rows& row) {
  SideState out;
  out.uid_validity = imap::UidValidity(row.number_32(1));
  out.uid_next = imap::Uid(row.number_32(2));
  out.modseq = imap::ModSeq(static_cast<std::uint64_t>(row.number(3)));
  if (!out.uid_validity) throw Damaged{"a UIDVALIDITY is 0"};
  return out;
}

using ByNumber = std::map<std::int64_t, InterImapMailbox>;

InterImapMailbox& of(ByNumber& mailboxes, std::int64_t number) {
  const auto at = mailboxes.find(number);
  if (at == mailboxes.end()) throw Damaged{"what belongs to a mailbox is there without it"};
  return at->second;
}

void read_states(sqlite3* database, const char* query, SideState InterImapMailbox::* side, ByNumber& into) {
  Rows rows(database, query);
  while (rows.next()) of(into, rows.number(0)).*side = state_of(rows);
}

void read_pairs(sqlite3* database, ByNumber& into) {
  Rows rows(database, "SELECT idx, lUID, rUID FROM mapping ORDER BY idx, lUID");
  while (rows.next()) {
    auto& mailbox = of(into, rows.number(0));
    if (!mailbox.local.uid_validity || !mailbox.remote.uid_validity) throw Damaged{"pairs of an unknown mailbox"};
    mailbox.pairs.emplace_back(rows.uid(1), rows.uid(2));
  }
}

std::vector<InterImapMailbox> read_all(sqlite3* database) {
  if (Rows check(database, "PRAGMA quick_check(1)"); !check.next() || check.text(0) != "ok")
    throw Damaged{check.text(0)};
  ByNumber found;
  Rows rows(database, "SELECT idx, mailbox, subscribed FROM mailboxes");
  while (rows.next()) {
    InterImapMailbox one;
    one.path = path_of(rows.text(1));
    one.subscribed = rows.number(2) != 0;
    if (one.path.empty()) throw Damaged{"a mailbox has no name"};
    found.emplace(rows.number(0), std::move(one));
  }
  read_states(database, "SELECT idx, UIDVALIDITY, UIDNEXT, HIGHESTMODSEQ FROM local", &InterImapMailbox::local, found);
  read_states(database, "SELECT idx, UIDVALIDITY, UIDNEXT, HIGHESTMODSEQ FROM remote", &InterImapMailbox::remote,
              found);
  read_pairs(database, found);
  std::vector<InterImapMailbox> out;
  for (auto& [number, one] : found) out.push_back(std::move(one));
  std::ranges::sort(out, {}, &InterImapMailbox::path);
  const auto twice = std::ranges::adjacent_find(out, {}, &InterImapMailbox::path);
  if (twice != out.end()) throw Damaged{"two mailboxes have one name"};
  return out;
}

// nullopt: this version, with its tables.
std::optional<base::Result<std::vector<InterImapMailbox>>> look_at_version(sqlite3* database, const std::string& name) {
  Rows version(database, "PRAGMA user_version");
  const auto said = version.next() ? version.number(0) : 0;
  if (said == kVersion) return std::nullopt;
  Rows tables(database, "SELECT 1 FROM sqlite_master");
  if (said == 0 && !tables.next()) return std::vector<InterImapMailbox>();
  return base::refuse(base::Reason::Corrupt,
                      name + (said == 0 ? " was made by an InterIMAP before 0.5: run a newer interimap once, which "
                                          "brings it up to date"
                                        : " was made by a newer InterIMAP (version " + std::to_string(said) +
                                              " of its database; known is version " + std::to_string(kVersion) + ")"));
}

base::Result<std::vector<InterImapMailbox>> read(sqlite3* database, const std::string& name) {
  try {
    if (auto other = look_at_version(database, name)) return *other;
    return read_all(database);
  } catch (const Damaged& damage) {
    return base::refuse(base::Reason::Corrupt, name + " is damaged: " + damage.what);
  }
}

// Why it must not be read now; nullopt: nothing.
std::optional<base::Refusal> trouble_with(const std::filesystem::path& file, const std::string& name) {
  const base::FileDescriptor open(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!open)
    return base::Refusal{base::Reason::Configuration,
                         name + " cannot be read: " + std::generic_category().message(errno)};
  struct stat now{};
  if (::fstat(open.get(), &now) != 0 || !S_ISREG(now.st_mode))
    return base::Refusal{base::Reason::Configuration, name + " cannot be read: it is no regular file"};
  struct flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = kLockedOctets;
  lock.l_len = kLocks;
  if (::fcntl(open.get(), F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
    return base::Refusal{base::Reason::InUse, name + " is in use by process " + std::to_string(lock.l_pid) +
                                                  ": end interimap first (its service, too)"};
  // SQLite takes so short a file for one with nothing in it.
  if (now.st_size > 0 && now.st_size < kSmallest)
    return base::Refusal{base::Reason::Corrupt, name + " is damaged: it is cut off"};
  std::error_code ignored;
  for (const auto* end : {"-journal", "-wal"})
    if (const auto size = std::filesystem::file_size(file.string() + end, ignored); !ignored && size > 0)
      return base::Refusal{base::Reason::Corrupt, name +
                                                      " was not wholly written when interimap was ended: run "
                                                      "interimap once, which mends it"};
  return std::nullopt;
}

}  // namespace

base::Result<std::vector<InterImapMailbox>> read_interimap_database(const std::filesystem::path& file) {
  const auto name = "InterIMAP's database " + file.string();
  if (auto trouble = trouble_with(file, name)) return std::unexpected(std::move(*trouble));
  sqlite3* made = nullptr;
  const int code = ::sqlite3_open_v2(file.c_str(), &made, SQLITE_OPEN_READONLY, nullptr);
  const std::unique_ptr<sqlite3, Closing> database(made);
  if (code != SQLITE_OK)
    return base::refuse(base::Reason::Configuration, name + " cannot be opened: " + ::sqlite3_errstr(code));
  return read(database.get(), name);
}

std::filesystem::path interimap_database_file(const std::string& database) {
  if (database.starts_with('/')) return database;
  const char* data = std::getenv("XDG_DATA_HOME");
  const char* home = std::getenv("HOME");
  const std::filesystem::path base = data != nullptr && *data == '/'
                                         ? std::filesystem::path(data)
                                         : std::filesystem::path(home ? home : "/") / ".local/share";
  return base / "interimap" / database;
}

}  // namespace mirror
