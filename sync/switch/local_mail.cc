// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A directory with an INBOX (or that is a Maildir itself) is one store. One without, whose subdirectories have an INBOX
// each, or are Maildirs with Maildirs in them (.Sent), holds an account in each of them; so does one whose INBOX is
// empty, where subdirectories have an INBOX: a mail client may have made ours there.
#include "sync/switch/local_mail.h"

#include <algorithm>
#include <optional>
#include <system_error>

#include "proto/flags.h"

namespace mirror {

namespace {

namespace fs = std::filesystem;

constexpr int kDeepest = 8;         // of directories that are counted
constexpr int kDeepestAccount = 3;  // below the directory

bool is_maildir(const fs::path& directory) {
  std::error_code error;
  return fs::is_directory(directory / "cur", error) && fs::is_directory(directory / "new", error);
}

std::vector<fs::path> directories_in(const fs::path& directory) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    const auto name = at->path().filename().string();
    std::error_code ignored;
    if (name != "cur" && name != "new" && name != "tmp" && name != ".postern" && at->is_directory(ignored))
      out.push_back(at->path());
  }
  std::ranges::sort(out);
  return out;
}

// The directory itself, or the one in it that is called INBOX in any spelling; nullopt: there is none.
std::optional<fs::path> inbox_of(const fs::path& directory) {
  if (is_maildir(directory)) return directory;
  for (auto& one : directories_in(directory))
    if (imap::equal_ignoring_case(one.filename().string(), "INBOX") && is_maildir(one)) return std::move(one);
  return std::nullopt;
}

bool has_no_mail(const fs::path& maildir) {
  std::error_code error;
  return fs::is_empty(maildir / "cur", error) && fs::is_empty(maildir / "new", error);
}

// Not a mailbox of one store.
bool is_account(const fs::path& directory) {
  if (!is_maildir(directory)) return inbox_of(directory).has_value();
  return std::ranges::any_of(directories_in(directory), [](const fs::path& one) {
    return one.filename().string().starts_with('.') && is_maildir(one);
  });
}

// .Sent and the like.
bool has_usual_mailbox(const fs::path& directory) {
  return std::ranges::any_of(directories_in(directory), [](const fs::path& one) {
    const auto name = one.filename().string();
    return std::ranges::any_of(
        std::initializer_list<const char*>{".Sent", ".Sent Items", ".Sent Messages", ".Drafts", ".Trash", ".Junk",
                                           ".Spam", ".Archive", ".Deleted Items"},
        [&](const char* usual) { return imap::equal_ignoring_case(name, usual); });
  });
}

// Below directories that are no mailboxes.
void find_accounts(std::vector<fs::path>& out, const fs::path& directory, int depth) {
  for (const auto& one : directories_in(directory)) {
    if (is_account(one))
      out.push_back(one);
    else if (depth > 1 && !is_maildir(one))
      find_accounts(out, one, depth - 1);
  }
}

void note_tool(LocalMail& out, const fs::path& directory, const std::string& some_file) {
  std::error_code error;
  if (fs::exists(directory / ".mbsyncstate", error) || fs::exists(directory / ".uidvalidity", error))
    out.tool = "mbsync";
  else if (some_file.find(",FMD5=") != std::string::npos)
    out.tool = "OfflineIMAP";
  else if (out.tool.empty() && fs::exists(directory / "dovecot-uidlist", error))
    out.tool = "Dovecot";
}

void count(LocalMail& out, const fs::path& directory, int depth) {
  if (is_maildir(directory)) {
    ++out.mailboxes;
    std::string some_file;
    for (const auto* part : {"cur", "new"}) {
      std::error_code error;
      for (fs::directory_iterator at(directory / part, error), end; !error && at != end; at.increment(error)) {
        some_file = at->path().filename().string();
        if (!some_file.starts_with('.')) ++out.messages;
      }
    }
    note_tool(out, directory, some_file);
  }
  if (depth < kDeepest)
    for (const auto& one : directories_in(directory))
      if (std::error_code error; !fs::is_symlink(one, error)) count(out, one, depth + 1);
}

}  // namespace

std::vector<fs::path> accounts_below(const fs::path& directory) {
  std::vector<fs::path> out;
  const auto inbox = inbox_of(directory);
  if (inbox && (*inbox == directory || !has_no_mail(*inbox))) return out;
  find_accounts(out, directory, inbox ? 1 : kDeepestAccount);
  // A mailbox of an account whose inbox is empty may have mailboxes in it too (mbsync's Legacy).
  if (inbox) std::erase_if(out, [](const fs::path& one) { return is_maildir(one) && !has_usual_mailbox(one); });
  return out;
}

LocalMail look_at_local_mail(const fs::path& directory) {
  LocalMail out;
  count(out, directory, 0);
  out.accounts = accounts_below(directory);
  return out;
}

}  // namespace mirror
