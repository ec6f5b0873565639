// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// A directory with an INBOX (or that is a Maildir itself) is one store. One without, whose subdirectories have an INBOX
// each, or are Maildirs with Maildirs in them (.Sent), holds an account in each of them.
#include "sync/switch/local_mail.h"

#include <algorithm>
#include <system_error>

#include "proto/flags.h"

namespace mirror {

namespace {

namespace fs = std::filesystem;

constexpr int kDeepest = 8;

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

bool has_inbox(const fs::path& directory) {
  if (is_maildir(directory)) return true;
  return std::ranges::any_of(directories_in(directory), [](const fs::path& one) {
    return imap::equal_ignoring_case(one.filename().string(), "INBOX") && is_maildir(one);
  });
}

// Not a mailbox of one store.
bool is_account(const fs::path& directory) {
  if (!is_maildir(directory)) return has_inbox(directory);
  return std::ranges::any_of(directories_in(directory), [](const fs::path& one) {
    return one.filename().string().starts_with('.') && is_maildir(one);
  });
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

LocalMail look_at_local_mail(const fs::path& directory) {
  LocalMail out;
  count(out, directory, 0);
  if (!has_inbox(directory))
    std::ranges::copy_if(directories_in(directory), std::back_inserter(out.accounts), is_account);
  return out;
}

}  // namespace mirror
