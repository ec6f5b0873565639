// SPDX-FileCopyrightText: 2026 The Postern authors
// SPDX-License-Identifier: Apache-2.0
// The store against a model: random histories, foreign hands, lost indexes, full disks and crashes at every file step.
// POSTERN_MODEL_ROUNDS says how many histories of each kind (12), POSTERN_MODEL_SEED which is the first (1).
#include <gtest/gtest.h>

#include <functional>

#include "proto/base/fail_point.h"
#include "proto/base/log.h"
#include "tests/model/rounds.h"
#include "tests/model/store_history.h"

namespace tests {
namespace {

void play(StoreHistory::Kind kind, std::uint64_t share, const std::function<void(StoreHistory&)>& round) {
  base::set_log_level(base::LogLevel::Error);
  const auto first = from_environment("POSTERN_MODEL_SEED", 1);
  const auto rounds = std::max<std::uint64_t>(1, from_environment("POSTERN_MODEL_ROUNDS", 12) / share);
  for (auto seed = first; seed < first + rounds; ++seed) {
    StoreHistory history(seed, kind);
    try {
      round(history);
    } catch (const std::exception& error) {
      base::FailPoint::disarm();
      FAIL() << story(seed, history, error);
    }
  }
}

void wander(StoreHistory& history) {
  for (int i = 0; i < 60; ++i) {
    history.step();
    if (history.random(20) == 0) history.reopen();
    if (history.random(10) == 0) history.forget_unused();
    if (history.random(40) == 0) history.lose_index();
  }
  history.reopen();
  history.lose_index();
}

TEST(MailboxModel, RandomHistories) { play({}, 1, wander); }
TEST(MailboxModel, RandomHistoriesInMaildirPlusPlus) { play({.maildir_plus_plus = true}, 3, wander); }
TEST(MailboxModel, RandomHistoriesWatched) { play({.watch = true}, 2, wander); }

TEST(MailboxModel, CrashAtAnyFileStep) {
  play({}, 1, [](StoreHistory& history) {
    for (int i = 0; i < 8; ++i) history.step();
    for (int crash = 0; crash < 12; ++crash) {
      base::FailPoint::arm(base::FailPoint::Mode::Crash, static_cast<std::int64_t>(1 + history.random(30)));
      try {
        history.steps_until_failure(4);
      } catch (const base::SimulatedCrash&) {
      }
      history.crash_and_reopen();
      for (int i = 0; i < 3; ++i) history.step();
    }
    history.lose_index();
  });
}

// The same history again and again, with the crash one step later each time.
TEST(MailboxModel, CrashAtEachFileStep) {
  bool crashed = true;
  for (int step = 1; crashed && step < 200; ++step) {
    play({}, 12, [&](StoreHistory& history) {
      for (int i = 0; i < 12; ++i) history.step();
      history.reopen();
      base::FailPoint::arm(base::FailPoint::Mode::Crash, step);
      try {
        history.steps_until_failure(4);
      } catch (const base::SimulatedCrash&) {
      }
      crashed = base::FailPoint::crashed();
      history.crash_and_reopen();
      history.reopen();
    });
    if (HasFailure()) break;
  }
}

TEST(MailboxModel, DiskFullAtAnyFileStep) {
  play({}, 1, [](StoreHistory& history) {
    for (int i = 0; i < 8; ++i) history.step();
    for (int fault = 0; fault < 12; ++fault) {
      base::FailPoint::arm(base::FailPoint::Mode::DiskFull, static_cast<std::int64_t>(1 + history.random(30)));
      history.steps_until_failure(4);
      base::FailPoint::disarm();
      history.compare_all(true);
      for (int i = 0; i < 3; ++i) history.step();
      if (history.random(3) == 0) history.reopen();
    }
    history.lose_index();
  });
}

}  // namespace
}  // namespace tests
