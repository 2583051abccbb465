// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/barrier.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "driver_linux/test_support.h"

namespace ringway::driver::testing {
namespace {

TEST(ProcessBarrierTest, WorksWhereItIsAvailable) {
  ASSERT_NE(Extension().BarrierAvailable(), 0u);
  const uint64_t before = Statistics().barriers;
  EXPECT_EQ(Extension().Barrier(), IPCZ_RESULT_OK);
  EXPECT_EQ(Statistics().barriers, before + 1);
}

// Store, then load, on both sides: at least one has to see the other's store. The side without a
// fence of its own relies on the other side's barrier.
TEST(ProcessBarrierTest, StandsInForTheFenceOfTheOtherSide) {
  ProcessBarrier barrier;
  ASSERT_TRUE(barrier.IsAvailable());
  std::atomic<int> mine{0}, theirs{0}, round{0}, done{0};
  int mine_seen = 0;
  constexpr int kRounds = 300;
  std::thread other([&] {
    for (int i = 1; i <= kRounds; ++i) {
      while (round.load() != i) {
      }
      theirs.store(1, std::memory_order_relaxed);           // (one end) what is tested
      std::atomic_signal_fence(std::memory_order_seq_cst);  // (one end) compiler only
      mine_seen = mine.load(std::memory_order_relaxed);     // (one end) what is tested
      done.store(i);
    }
  });
  int both_missed = 0;
  for (int i = 1; i <= kRounds; ++i) {
    mine.store(0);
    theirs.store(0);
    round.store(i);
    mine.store(1, std::memory_order_relaxed);  // (one end) what is tested
    ASSERT_TRUE(barrier.Execute());
    const int theirs_seen = theirs.load(std::memory_order_relaxed);  // (one end) what is tested
    while (done.load() != i) std::this_thread::yield();
    both_missed += theirs_seen == 0 && mine_seen == 0;
  }
  other.join();
  EXPECT_EQ(both_missed, 0);
}

TEST(ProcessBarrierTest, IsNotAvailableWhereTheKernelRefuses) {
  EXPECT_EQ(RunInChild([] {
              RefuseSystemCalls({SYS_membarrier}, EPERM);
              if (Extension().BarrierAvailable() != 0) return 1;
              return Extension().Barrier() == IPCZ_RESULT_UNIMPLEMENTED ? 0 : 2;
            }),
            0);
}

}  // namespace
}  // namespace ringway::driver::testing
