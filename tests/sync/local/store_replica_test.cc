// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The store as a side of a synchronisation.
#include "sync/local/store_replica.h"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>

#include <exception>
#include <optional>

#include "proto/base/clock.h"
#include "store/copied_messages.h"
#include "tests/store/store_case.h"

namespace tests {
namespace {

class StoreReplica : public StoreCase {
 protected:
  void SetUp() override {
    open();
    mailbox();
    replica_ = mirror::make_store_replica(*store_, workers_, {"", store_->delimiter()});
  }
  template <class T>
  T run(asio::awaitable<T> work) {
    asio::io_context context;
    std::optional<T> out;
    std::exception_ptr failure;
    asio::co_spawn(context, std::move(work), [&](std::exception_ptr error, T result) {
      failure = error;
      if (!error) out.emplace(std::move(result));
    });
    context.run();
    if (failure) std::rethrow_exception(failure);
    return std::move(*out);
  }

  void run_only(asio::awaitable<void> work) {
    run([](asio::awaitable<void> inner) -> asio::awaitable<bool> {
      co_await std::move(inner);
      co_return true;
    }(std::move(work)));
  }

  transport::WorkerPool workers_{1};
  std::unique_ptr<mirror::Replica> replica_;
};

// Nobody has told the store of it: the pass looks for itself.
TEST_F(StoreReplica, SeesWhatWasDeliveredBeforeThePass) {
  deliver();
  const auto listed = run(replica_->list());
  ASSERT_EQ(listed.size(), 1u);
  ASSERT_TRUE(listed[0].state);
  EXPECT_EQ(listed[0].state->messages, 1u);
  deliver();
  const auto opened = run(replica_->open(listed[0].path, mirror::Effort::Little));
  ASSERT_TRUE(opened);
  EXPECT_EQ(run((*opened)->changes({}, {})).state.messages, 2u);
}

TEST_F(StoreReplica, KeepsTheNotesOfCopiesThatAreStillNeeded) {
  store_->note_copies();
  ASSERT_TRUE(store_->create(imap::MailboxName("there")));
  ASSERT_TRUE(store_->create(imap::MailboxName("gone")));
  const auto uids = append(*mailbox("gone"), 3);
  ASSERT_TRUE(mailbox("gone")->move_to(set_of(uids), *mailbox("there")));
  ASSERT_TRUE(store_->remove(imap::MailboxName("gone")));
  store::StateBatch old;
  for (const auto& [key, value] : store_->get_states(store::kCopied)) {
    auto note = *store::CopyNote::of(key, value);
    note.when -= 8 * 24 * 3600;
    old.put(note.key(), note.value());
  }
  store_->put_state(old);
  run(replica_->list());
  const auto notes = run(replica_->noted_copies());
  ASSERT_EQ(notes.size(), 3u);
  EXPECT_EQ(notes[0].copy.mailbox, mirror::MailboxPath("there"));
  EXPECT_TRUE(mirror::is_unlisted(notes[0].original.mailbox));
  EXPECT_EQ(notes[0].original.uid, uids[0]);
  run_only(replica_->forget_copies({notes[0], notes[2]}));
  EXPECT_EQ(run(replica_->noted_copies()), std::vector{notes[1]});
  for (const auto& [key, value] : store_->get_states(store::kCopied))
    EXPECT_LT(base::unix_now() - store::CopyNote::of(key, value)->when, 3600) << "it is needed, and made anew";
}

// A large message is read while it is sent; a small one, which many are sent at a time, at once.
TEST_F(StoreReplica, HoldsNoLargeMessageInMemory) {
  std::string large = "Subject: large\r\n\r\n";
  while (large.size() < 3u << 20)
    large += "A line of a large message, number " + std::to_string(large.size()) + ".\r\n";
  const std::string small = "Subject: small\r\n\r\ntext\r\n";
  std::vector<store::NewMessage> messages;
  for (const auto& text : {large, small}) messages.push_back({imap::Literal(text), {}, 1000});
  ASSERT_TRUE(mailbox()->append(messages));
  const auto opened = run(replica_->open(run(replica_->list())[0].path, mirror::Effort::Little));
  const auto stream = run((*opened)->fetch(everything()));
  const auto first = run(stream->next()), second = run(stream->next());
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->data.in_memory(), nullptr);
  EXPECT_NE(second->data.in_memory(), nullptr);
  ASSERT_TRUE(mailbox()->remove(everything()));
  store_->drain_renames();
  EXPECT_EQ(first->data.size(), large.size());
  for (int i = 0; i < 2; ++i) EXPECT_EQ(first->data.bytes(), large) << "as often as it is sent";
  EXPECT_EQ(second->data.bytes(), small);
}

}  // namespace
}  // namespace tests
