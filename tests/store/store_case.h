// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// StoreCase: a store in a directory of its own, opened and closed by the test, and what tests do with mailboxes.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "store/mail_store.h"
#include "tests/support/temp_maildir.h"

namespace tests {

class StoreCase : public testing::Test {
 protected:
  StoreCase() {
    options_.watch = false;
    options_.sync_to_disk = false;
  }

  void open() {
    auto opened = store::MailStore::open(root_.path(), options_);
    ASSERT_TRUE(opened) << opened.error().text;
    store_ = std::move(*opened);
  }
  void reopen() {
    store_.reset();
    open();
  }
  std::filesystem::path directory(const std::string& name = "INBOX") const { return root_.path() / name; }

  std::shared_ptr<store::Mailbox> mailbox(const std::string& name = "INBOX") {
    auto out = store_->open_mailbox(imap::MailboxName(name));
    if (!out) throw std::runtime_error(name + " does not open: " + out.error().text);
    return *out;
  }
  std::vector<imap::Uid> append(store::Mailbox& mailbox, std::size_t count, const imap::FlagSet& flags = {}) {
    std::vector<store::NewMessage> messages;
    for (std::size_t i = 0; i < count; ++i)
      messages.push_back({imap::Literal("Subject: " + std::to_string(++serial_) + "\r\n\r\ntext\r\n"), flags, 1000});
    auto out = mailbox.append(messages);
    if (!out) throw std::runtime_error("append: " + out.error().text);
    return *out;
  }
  // As a delivery agent does; returns the file's name.
  std::string deliver(const std::string& mailbox = "INBOX", std::string text = "Subject: foreign\n\ntext\n") {
    const auto name = std::to_string(1'700'000'000 + ++serial_) + ".foreign.host";
    write_file(directory(mailbox) / "tmp" / name, text);
    std::filesystem::rename(directory(mailbox) / "tmp" / name, directory(mailbox) / "new" / name);
    return name;
  }

  static imap::UidSet everything() { return imap::UidSet::between(imap::Uid(1), imap::Uid(0xFFFFFFFE)); }
  static imap::UidSet set_of(const std::vector<imap::Uid>& uids) {
    imap::UidSet out;
    for (const auto uid : uids) out.add(uid);
    return out;
  }
  static std::string content_of(store::Mailbox& mailbox, imap::Uid uid) {
    const auto reader = mailbox.reader();
    const auto section = reader->section(uid, imap::Section{});
    std::string out;
    if (section) section->octets.append_to(out, 0, section->octets.size());
    return out;
  }

  TempDirectory root_;
  store::StoreOptions options_;
  std::unique_ptr<store::MailStore> store_;
  int serial_ = 0;
};

}  // namespace tests
