// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The sync against a model, on a real disk: the store with crashes at its file steps, the journal's file.
// POSTERN_MODEL_ROUNDS says how many histories of each kind, POSTERN_MODEL_SEED which is the first (1).
#include <gtest/gtest.h>

#include <fstream>

#include "proto/base/fail_point.h"
#include "proto/base/log.h"
#include "tests/model/memory_replica.h"
#include "tests/model/rounds.h"
#include "tests/model/store_side.h"
#include "tests/model/sync_history.h"

namespace tests {
namespace {

template <class Play>
void rounds(std::uint64_t count, Play play) {
  base::set_log_level(base::LogLevel::Error);
  const auto first = from_environment("POSTERN_MODEL_SEED", 1);
  count = from_environment("POSTERN_MODEL_ROUNDS", count);
  std::size_t died = 0;
  for (auto seed = first; seed < first + count; ++seed) {
    Fuse fuse;
    SyncHistory history(seed, model_workers(), fuse);
    try {
      play(history, fuse);
      died += history.died();
    } catch (const std::exception& error) {
      base::FailPoint::disarm();
      FAIL() << story(seed, history, error);
    }
  }
  if (count >= 5) {
    EXPECT_GT(died, 0u) << "nothing has crashed";
  }
}

// One pass that is cut off by the other side or the journal, or by a crash at a step on the disk.
void interrupted_pass(SyncHistory& history, Fuse& fuse, std::size_t file_steps) {
  const auto end = history.random(2) == 0 ? Fuse::End::Before : Fuse::End::After;
  if (history.random(3) == 0)
    fuse.set(static_cast<int>(1 + history.random(20)), end);
  else
    base::FailPoint::arm(base::FailPoint::Mode::Crash, static_cast<std::int64_t>(1 + history.random(file_steps)));
  history.pass();
  fuse.remove();
}

void play_with_store(Traits remote_traits) {
  rounds(8, [&](SyncHistory& history, Fuse& fuse) {
    Disk none;
    StoreSide local(model_workers(), fuse);
    MemoryServer remote("there", remote_traits, fuse, none);
    history.use(local, remote, [&] { return local.storage(); });
    history.begin_with_common_mail();
    for (int era = 0; era < 2; ++era) {
      history.change(static_cast<int>(history.random(12)));
      for (auto passes = 1 + history.random(3); passes > 0; --passes) {
        interrupted_pass(history, fuse, 25);
        base::FailPoint::disarm();
        local.restart();
        history.change(static_cast<int>(history.random(3)));
      }
      history.settle();
      // With the index goes what was agreed: the messages find each other again.
      if (history.random(2) == 0) {
        local.lose_index();
        history.settle();
      }
    }
  });
}

TEST(SyncDiskModel, StoreAndQresync) { play_with_store({}); }
TEST(SyncDiskModel, StoreAndPlainServer) { play_with_store({.returns_uids = false, .modseq = false}); }

TEST(SyncDiskModel, TwoServersWithAJournalFile) {
  rounds(40, [&](SyncHistory& history, Fuse& fuse) {
    const TempDirectory directory;
    const auto file = directory.path() / "journal";
    Disk none;
    MemoryServer local("here", {}, fuse, none), remote("there", {.returns_uids = history.random(2) == 0}, fuse, none);
    history.use(local, remote, [&] { return make_fused_storage(mirror::make_file_storage(file), fuse); });
    history.begin_with_common_mail();
    for (int era = 0; era < 2; ++era) {
      history.change(static_cast<int>(history.random(12)));
      for (auto passes = 1 + history.random(3); passes > 0; --passes) {
        interrupted_pass(history, fuse, 15);
        base::FailPoint::disarm();
        // Part of a batch may have reached the disk.
        if (std::filesystem::exists(file) && history.random(2) == 0)
          std::ofstream(file, std::ios::app) << std::string("\0\0\0\x30torn", 8);
        history.change(static_cast<int>(history.random(3)));
      }
      history.settle();
    }
  });
}

// The journal's file changed in its middle at any octet: nothing is doubled and no letter that was not expunged is
// lost.
TEST(SyncDiskModel, ADamagedJournal) {
  base::set_log_level(base::LogLevel::Error);
  std::size_t damaged = 0;
  for (std::uint64_t seed = 1; seed <= from_environment("POSTERN_MODEL_ROUNDS", 60); ++seed) {
    Fuse fuse;
    Disk none;
    const TempDirectory directory;
    const auto file = directory.path() / "journal";
    MemoryServer local("here", {}, fuse, none), remote("there", {.returns_uids = seed % 2 == 0}, fuse, none);
    SyncHistory history(seed, model_workers(), fuse);
    history.use(local, remote, [&] { return make_fused_storage(mirror::make_file_storage(file), fuse); });
    try {
      history.change(25);
      for (int i = 0; i < 4; ++i) {
        history.pass();
        history.change(static_cast<int>(history.random(4)));
      }
      history.settle();
      auto text = read_file(file);
      const auto at = 18 + history.random(text.size() - 18);
      text[at] = static_cast<char>(text[at] ^ static_cast<int>(1 + history.random(255)));
      write_file(file, text);
      damaged += mirror::make_file_storage(file)->unreadable() > 0;
      history.append_some(3);
      const auto before = local.fingerprint() + remote.fingerprint();
      history.settle();
      EXPECT_NE(local.fingerprint() + remote.fingerprint(), before) << "the new letters are not copied";
      history.change(5);
      history.settle();
    } catch (const std::exception& error) {
      FAIL() << story(seed, history, error);
    }
  }
  EXPECT_GT(damaged, 20u);
}

}  // namespace
}  // namespace tests
