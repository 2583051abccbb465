// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/base/biased_lock.h"

#include <gtest/gtest.h>

#include <mutex>
#include <thread>
#include <vector>

#include "ringway/driver_extension.h"
#include "ringway/driver_linux.h"

namespace ringway {
namespace {

const RingwayDriverExtension& Extension() {
  return *RingwayFindDriverExtension(RingwayLinuxDriver());
}

// Whether threads run under a biased lock or a shared one, no two are inside.
void Contend(int threads, int rounds, bool pause) {
  BiasedLock lock;
  uint64_t counter = 0;  // races are visible as lost counts, and to sanitizers
  const auto work = [&](int self) {
    for (int i = 0; i < rounds; ++i) {
      const std::lock_guard hold(lock);
      ++counter;
      // Long phases in which one thread is alone make it the owner.
      if (pause && i % 4096 == 4095 && self != 0) std::this_thread::yield();
    }
  };
  std::vector<std::thread> running;
  for (int self = 0; self < threads; ++self) running.emplace_back(work, self);
  for (std::thread& thread : running) thread.join();
  EXPECT_EQ(counter, static_cast<uint64_t>(threads) * static_cast<uint64_t>(rounds));
}

class BiasedLockTest : public ::testing::TestWithParam<bool> {
 protected:
  BiasedLockTest() {
    const bool barrier = GetParam() && Extension().BarrierAvailable() != 0;
    BiasedLock::SetBarrier(barrier ? Extension().Barrier : nullptr);
  }
  ~BiasedLockTest() override { BiasedLock::SetBarrier(nullptr); }
};

TEST_P(BiasedLockTest, ExcludesTwoThreads) { Contend(2, 300000, false); }
TEST_P(BiasedLockTest, ExcludesFourThreadsInPhases) { Contend(4, 100000, true); }

// An owner is interrupted again and again by a thread that comes by rarely.
TEST_P(BiasedLockTest, IsTakenFromItsOwner) {
  for (int round = 0; round < 200; ++round) {
    BiasedLock lock;
    uint64_t counter = 0;
    std::atomic<bool> stop{false};
    uint64_t own = 0;
    std::thread owner([&] {
      while (!stop.load()) {
        const std::lock_guard hold(lock);
        ++counter;
        ++own;
      }
    });
    for (int i = 0; i < 20; ++i) {
      const std::lock_guard hold(lock);
      ++counter;
    }
    stop = true;
    owner.join();
    ASSERT_EQ(counter, own + 20);
  }
}

TEST_P(BiasedLockTest, TryLockFailsWhileAnotherThreadHoldsIt) {
  BiasedLock lock;
  lock.lock();  // nobody owns it yet
  std::thread([&] { EXPECT_FALSE(lock.try_lock()); }).join();
  lock.unlock();
  std::thread([&] {
    EXPECT_TRUE(lock.try_lock());
    lock.unlock();
  }).join();
}

INSTANTIATE_TEST_SUITE_P(Barrier, BiasedLockTest, ::testing::Bool(), [](const auto& info) {
  return std::string(info.param ? "Owned" : "Shared");
});

}  // namespace
}  // namespace ringway
