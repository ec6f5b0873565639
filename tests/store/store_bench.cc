// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// How fast the store is where a person would notice: opening, foreign changes in a big mailbox, appends of several
// sessions at once. Prints milliseconds. `store_bench [messages]` (100000).
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "store/mail_store.h"
#include "tests/support/temp_maildir.h"

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

template <class F>
void measure(const char* what, F f) {
  const auto start = Clock::now();
  f();
  std::printf("%-52s %9.2f ms\n", what, std::chrono::duration<double, std::milli>(Clock::now() - start).count());
}

std::unique_ptr<store::MailStore> open_store(const fs::path& root) {
  auto out = store::MailStore::open(root, {});
  if (!out) throw std::runtime_error(out.error().text);
  return std::move(*out);
}

std::shared_ptr<store::Mailbox> open_mailbox(store::MailStore& store, const std::string& name) {
  return store.open_mailbox(imap::MailboxName(name)).value();
}

void append(store::Mailbox& mailbox, std::size_t count) {
  std::vector<store::NewMessage> messages;
  for (std::size_t i = 0; i < count; ++i) messages.push_back({imap::Literal("Subject: x\r\n\r\ntext\r\n"), {}, 1000});
  if (auto made = mailbox.append(messages); !made) throw std::runtime_error(made.error().text);
}

void append_beside(store::Mailbox& mailbox, int sessions, int each) {
  std::vector<std::thread> threads;
  for (int i = 0; i < sessions; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < each; ++k) append(mailbox, 1);
    });
  for (auto& thread : threads) thread.join();
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100'000;
  const tests::TempDirectory root;
  auto store = open_store(root.path());
  for (std::size_t done = 0; done < count; done += 1000) append(*open_mailbox(*store, "INBOX"), 1000);
  for (int i = 0; i < 40; ++i) {
    const auto name = "box" + std::to_string(i);
    if (!store->create(imap::MailboxName(name))) return 1;
    append(*open_mailbox(*store, name), 100);
  }
  store.reset();
  measure("open the store", [&] { store = open_store(root.path()); });
  measure("open the big mailbox", [&] { open_mailbox(*store, "INBOX"); });
  measure("open 40 mailboxes", [&] {
    for (int i = 0; i < 40; ++i) open_mailbox(*store, "box" + std::to_string(i));
  });
  const auto inbox = open_mailbox(*store, "INBOX");
  measure("100 foreign deliveries, each seen", [&] {
    for (int i = 0; i < 100; ++i) {
      const auto name = std::to_string(1'700'000'000 + i) + ".foreign.host";
      tests::write_file(root.path() / "INBOX" / "tmp" / name, "Subject: foreign\n\ntext\n");
      fs::rename(root.path() / "INBOX" / "tmp" / name, root.path() / "INBOX" / "new" / name);
      inbox->check();
    }
  });
  if (inbox->uids().size() != count + 100) return 1;
  measure("100 appends while nothing else happens", [&] { append_beside(*inbox, 1, 100); });
  measure("100 appends by one session", [&] { append_beside(*inbox, 1, 100); });
  measure("100 appends by each of four sessions", [&] { append_beside(*inbox, 4, 100); });
  measure("flag all", [&] {
    (void)inbox->change_flags(imap::UidSet::between(imap::Uid(1), imap::Uid(0xFFFFFFFE)), imap::FlagChange::Add,
                              {imap::Flag::Flagged});
  });
  measure("100 appends while their files are renamed", [&] { append_beside(*inbox, 1, 100); });
  measure("100 appends a little later", [&] { append_beside(*inbox, 1, 100); });
  measure("their files' names", [&] { store->drain_renames(); });
  measure("close the store", [&] { store.reset(); });
  return 0;
}
