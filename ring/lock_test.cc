// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "ring/base/lock.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

namespace ringway {
namespace {

TEST(SpinLockTest, TriesWithoutWaiting) {
  SpinLock lock;
  EXPECT_TRUE(lock.try_lock());
  EXPECT_FALSE(lock.try_lock());
  lock.unlock();
  const std::unique_lock held(lock, std::try_to_lock);
  EXPECT_TRUE(held.owns_lock());
}

TEST(SpinLockTest, LetsOneThreadInAtATime) {
  constexpr uint64_t kTurns = 200'000;
  SpinLock lock;
  uint64_t sections = 0;  // plain: a race is a lost count, and a report under TSan
  uint64_t tries_failed = 0;
  const auto run = [&] {
    for (uint64_t turn = 0; turn != kTurns; ++turn) {
      if (turn % 2 == 0) {
        lock.lock();
      } else if (!lock.try_lock()) {
        lock.lock();
        ++tries_failed;
      }
      ++sections;
      lock.unlock();
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i != 4; ++i) threads.emplace_back(run);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sections, 4 * kTurns);
  std::printf("sections: %lu, tries that failed: %lu\n", sections, tries_failed);
}

// A holder that lost its processor does not keep those who wait from giving theirs up.
TEST(SpinLockTest, WaitsForASleepingHolder) {
  SpinLock lock;
  bool written = false;
  lock.lock();
  std::thread holder([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    written = true;
    lock.unlock();
  });
  lock.lock();
  EXPECT_TRUE(written);
  lock.unlock();
  holder.join();
}

}  // namespace
}  // namespace ringway
