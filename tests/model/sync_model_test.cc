// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The sync against a model: both sides changed at random, before, between and while passes run; passes cut off at any
// step. POSTERN_MODEL_ROUNDS says how many histories of each kind, POSTERN_MODEL_SEED which is the first (1).
#include <gtest/gtest.h>

#include "proto/base/log.h"
#include "tests/model/memory_replica.h"
#include "tests/model/rounds.h"
#include "tests/model/sync_history.h"
#include "tests/support/temp_maildir.h"

namespace tests {
namespace {

struct World {
  World(std::uint64_t seed, Traits local_traits, Traits remote_traits)
      : local("here", local_traits, fuse, disk),
        remote("there", remote_traits, fuse, disk),
        history(seed, model_workers(), fuse) {
    history.use(local, remote, [this] { return make_disk_storage(disk, fuse); });
  }

  // Passes with everything that can go wrong.
  void suffer() {
    const auto random = [this](std::size_t below) { return history.random(below); };
    const bool busy = random(3) == 0, refusing = random(4) == 0;
    if (busy)
      local.meanwhile = remote.meanwhile = [this, random] {
        if (random(6) == 0) history.change(1);
      };
    if (refusing) local.refuses = remote.refuses = [random] { return random(8) == 0; };
    for (auto passes = random(4); passes > 0; --passes) {
      const bool before = random(2) == 0;
      if (random(4) > 0) fuse.set(static_cast<int>(1 + random(25)), before ? Fuse::End::Before : Fuse::End::After);
      history.pass();
      if (fuse.burnt() && random(2) == 0) disk.cut_power(history.randomness());
      fuse.remove();
      history.change(static_cast<int>(random(3)));
    }
    local.meanwhile = remote.meanwhile = {};
    local.refuses = remote.refuses = {};
  }

  Fuse fuse;
  Disk disk;
  MemoryServer local, remote;
  SyncHistory history;
};

void play(Traits local, Traits remote, std::uint64_t rounds, void (SyncHistory::*settle)() = &SyncHistory::settle) {
  base::set_log_level(base::LogLevel::Error);
  const auto first = from_environment("POSTERN_MODEL_SEED", 1);
  rounds = from_environment("POSTERN_MODEL_ROUNDS", rounds);
  for (auto seed = first; seed < first + rounds; ++seed) {
    World world(seed, local, remote);
    try {
      world.history.begin_with_common_mail();
      for (int era = 0; era < 3; ++era) {
        world.history.change(static_cast<int>(world.history.random(12)));
        world.suffer();
        (world.history.*settle)();
        world.disk.wait();
      }
    } catch (const std::exception& error) {
      FAIL() << story(seed, world.history, error);
    }
  }
}

constexpr std::uint64_t kRounds = 250;

TEST(SyncModel, StoreAndQresync) { play({.commits_state = true, .append_limit = 256}, {}, kRounds); }
TEST(SyncModel, StoreAndPlainServer) {
  play({.commits_state = true}, {.returns_uids = false, .modseq = false, .append_limit = 1}, kRounds);
}
TEST(SyncModel, StoreAndServerWithoutUidplus) { play({.commits_state = true}, {.returns_uids = false}, kRounds); }
TEST(SyncModel, StoreAndServerThatGivesLastFirst) { play({.commits_state = true}, {.backwards = true}, kRounds); }
TEST(SyncModel, StoreAndFewKeywords) { play({.commits_state = true}, {.any_keyword = false}, kRounds); }
TEST(SyncModel, TwoServers) { play({}, {}, kRounds); }
TEST(SyncModel, TwoPlainServers) {
  play({.returns_uids = false, .modseq = false}, {.returns_uids = false, .modseq = false}, kRounds);
}
TEST(SyncModel, ReadOnlyServer) {
  play({.commits_state = true}, {.read_only = true}, kRounds, &SyncHistory::settle_read_only);
}

// So much that several mailboxes are synchronised at once.
TEST(SyncModel, ManyMessagesAtOnce) {
  base::set_log_level(base::LogLevel::Error);
  for (std::uint64_t seed = 1; seed <= 15; ++seed) {
    World world(seed, {.commits_state = seed % 2 == 0, .append_limit = 10}, {.append_limit = 7});
    try {
      world.history.change(600);
      for (int i = 0; i < 3; ++i) {
        world.fuse.set(static_cast<int>(1 + world.history.random(150)), Fuse::End::After);
        world.history.pass();
        world.fuse.remove();
      }
      world.history.settle();
    } catch (const std::exception& error) {
      FAIL() << "seed " << seed << ": " << error.what();
    }
  }
}

// Cut off at each step in turn: a message whose text has changed on its way is still the same message.
TEST(SyncModel, ServerThatChangesTexts) {
  for (int step = 1; step < 40; ++step) {
    World world(1, {.commits_state = true}, {.returns_uids = step % 2 == 0, .rewrites = true});
    for (int i = 0; i < 5; ++i)
      world.local.append("INBOX", {{}, "Message-ID: <" + std::to_string(i) + "@x>\r\n\r\ntext\r\n", {}, 1000 + i});
    world.fuse.set(step, step % 3 == 0 ? Fuse::End::Before : Fuse::End::After);
    world.history.pass();
    world.fuse.remove();
    EXPECT_TRUE(world.history.pass());
    const auto before = world.local.fingerprint() + world.remote.fingerprint();
    EXPECT_TRUE(world.history.pass());
    EXPECT_EQ(world.local.fingerprint() + world.remote.fingerprint(), before);
    EXPECT_EQ(world.local.letters("INBOX").size(), 5u) << step;
    EXPECT_EQ(world.remote.letters("INBOX").size(), 5u) << step;
  }
}

}  // namespace
}  // namespace tests
