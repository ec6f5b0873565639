// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// PassTest: passes over two sides in memory, the journal on a disk of its own.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "proto/base/log.h"
#include "sync/pass/pass.h"
#include "tests/model/memory_replica.h"

namespace tests {

class PassTest : public testing::Test {
 protected:
  PassTest() { base::set_log_level(base::LogLevel::Error); }

  bool pass(mirror::Scope scope = {[](const mirror::MailboxPath&) { return true; }, false}) {
    progress_ = {};
    mirror::Journal journal(make_disk_storage(disk_, fuse_), "account");
    mirror::PassContext context{journal, workers_, progress_, {}, tries_held_};
    return run_pass(context, local_, remote_, scope);
  }
  mirror::MailboxRecord journal_record() {
    return mirror::Journal(make_disk_storage(disk_, fuse_), "account").mailboxes().at(0);
  }
  // The journal as it was once; nothing: there was none.
  void put_back(const std::map<std::string, std::string>& before) {
    store::StateBatch batch;
    for (const auto& [key, value] : disk_.contents()) batch.erase(key);
    for (const auto& [key, value] : before) batch.put(key, value);
    disk_.write(batch, true);
  }
  static Letter letter(const std::string& id, const std::string& text, std::int64_t date = 1000,
                       imap::FlagSet flags = {}) {
    return {{}, (id.empty() ? "" : "Message-ID: <" + id + ">\r\n") + "\r\n" + text + "\r\n", flags, date};
  }
  static std::vector<std::string> texts(MemoryServer& side, const std::string& mailbox = "INBOX") {
    std::vector<std::string> out;
    for (const auto& one : side.letters(mailbox)) out.push_back(one.text.substr(one.text.size() - 5, 3));
    std::ranges::sort(out);
    return out;
  }
  std::string problems() const {
    std::string out;
    for (const auto& problem : progress_.problems) out += problem + "\n";
    return out;
  }

  Fuse fuse_;
  Disk disk_;
  transport::WorkerPool workers_{2};
  MemoryServer local_{"here", {.commits_state = true}, fuse_, disk_}, remote_{"there", {}, fuse_, disk_};
  mirror::Progress progress_;
  bool tries_held_ = true;
};

}  // namespace tests
