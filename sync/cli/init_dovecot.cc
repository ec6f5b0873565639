// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// postern init --from dovecot [FILE] [SERVER]: the Maildir that a Dovecot has, as it lies. How it goes:
// 1. FILE, else what `doveconf -n` says, tells where it is. What cannot be used as it lies is refused, and nothing is
//    touched.
// 2. The configuration is written as by `postern init SERVER --store DIR`.
// 3. What Dovecot keeps apart from the mail (CONTROL, SUBSCRIPTIONS) is copied beside it, where nothing is: then UIDs,
//    keywords and subscriptions are found. Dovecot's own files stay as they are.
#include <sysexits.h>

#include <cstdio>
#include <iostream>
#include <memory>

#include "proto/base/files.h"
#include "proto/base/printable.h"
#include "proto/flags.h"
#include "sync/cli/init.h"
#include "sync/config/config_reader.h"
#include "sync/switch/dovecot_mail.h"

namespace mirror {

namespace {

namespace fs = std::filesystem;

std::optional<std::string> doveconf() {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen("doveconf -n 2>/dev/null", "r"), &::pclose);
  std::string out;
  char part[4096];
  for (std::size_t n = 0; pipe && (n = std::fread(part, 1, sizeof part, pipe.get())) > 0;) out.append(part, n);
  return out.empty() ? std::nullopt : std::optional(out);
}

bool is_maildir(const fs::path& directory) {
  std::error_code error;
  return fs::is_directory(directory / "cur", error);
}

// Where the mailbox lies whose control files are in this directory below CONTROL: INBOX is `.INBOX` there where it is
// the directory of the mail itself.
fs::path mailbox_of(const DovecotMail& mail, const fs::path& below) {
  if (below == "." || below == ".INBOX" || (below == "INBOX" && !is_maildir(mail.path / below)))
    return is_maildir(mail.path) ? mail.path : mail.path / "INBOX";
  return mail.path / below;
}

// Nothing is written over. True: it is there now.
bool copy_beside(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (fs::exists(fs::symlink_status(to, error))) return false;
  const auto text = base::read_file_if_exists(from);
  if (!text) return false;
  base::replace_file(to, *text);
  return true;
}

struct Brought {
  std::size_t mailboxes = 0, known = 0;  // known: Postern has given UIDs there before
  bool subscriptions = false;
};

Brought bring_beside(const DovecotMail& mail) {
  Brought out;
  const auto& from = mail.control.empty() ? mail.path : mail.control;
  out.subscriptions = copy_beside(from / mail.subscriptions, mail.path / "subscriptions");
  if (mail.control.empty()) return out;
  std::error_code error;
  for (fs::recursive_directory_iterator at(mail.control, error), end; !error && at != end; at.increment(error)) {
    if (at->path().filename() != "dovecot-uidlist") continue;
    const auto mailbox = mailbox_of(mail, at->path().parent_path().lexically_relative(mail.control));
    if (!is_maildir(mailbox)) continue;
    if (fs::exists(mailbox / "postern-mailbox")) {
      ++out.known;
      continue;
    }
    copy_beside(at->path().parent_path() / "dovecot-keywords", mailbox / "dovecot-keywords");
    if (copy_beside(at->path(), mailbox / "dovecot-uidlist")) ++out.mailboxes;
  }
  return out;
}

void tell(const DovecotMail& mail, const Brought& brought) {
  if (brought.mailboxes > 0)
    std::cout << "Copied from " << mail.control.string() << " beside the mail: UIDs and keywords of "
              << brought.mailboxes << (brought.mailboxes == 1 ? " mailbox" : " mailboxes")
              << "; let no Dovecot deliver or move mail there any more\n";
  if (brought.known > 0)
    std::cout << "Postern has given UIDs to " << brought.known << (brought.known == 1 ? " mailbox" : " mailboxes")
              << " before; they stay\n";
  if (brought.subscriptions) std::cout << "Copied: the subscriptions\n";
}

DovecotUser this_user(const std::string& store) {
  const char* name = std::getenv("USER");
  return {default_store().parent_path(), name == nullptr ? "" : name, store.empty() ? fs::path() : fs::absolute(store)};
}

}  // namespace

int init_from_dovecot(const CommandLine& line, const fs::path& file) {
  auto rest = line;
  auto& words = rest.words.arguments;
  std::error_code error;
  std::optional<std::string> text;
  std::string source = "doveconf -n";
  if (!words.empty() && fs::is_regular_file(words.front(), error)) {
    source = words.front();
    const auto read = read_config_text(source);
    if (!read) return complain(read.error());
    text = *read;
    words.erase(words.begin());
  } else {
    text = doveconf();
  }
  if (!text)
    return complain({base::Reason::Configuration,
                     "doveconf -n says nothing; name a file with what it says: postern init --from dovecot FILE"});
  if (words.size() > 1) return complain({base::Reason::Usage, words.front() + " is no file"});
  auto mail = dovecot_mail(*text, this_user(rest.init.store));
  for (const auto& one : mail.told)
    std::fprintf(stderr, "postern: %s: %s\n", source.c_str(), base::printable(one).c_str());
  if (mail.fault.empty() && !fs::is_directory(mail.path, error)) mail.fault = mail.path.string() + " is not there";
  if (!mail.fault.empty()) return complain({base::Reason::Configuration, source + ": " + mail.fault});
  if (const int code = init_one(rest, file, mail.path.string()); code != 0) return code;
  tell(mail, bring_beside(mail));
  return 0;
}

}  // namespace mirror
