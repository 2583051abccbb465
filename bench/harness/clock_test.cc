// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/harness/clock.h"

#include <gtest/gtest.h>
#include <time.h>

namespace ringway::bench {
namespace {

TEST(ClockTest, TicksAgreeWithTheMonotonicClock) {
  NsPerTick();
  const uint64_t start_ticks = Ticks();
  const uint64_t start_ns = MonotonicNs();
  const timespec pause = {.tv_sec = 0, .tv_nsec = 50'000'000};
  nanosleep(&pause, nullptr);
  const double ticks_ns = static_cast<double>(Ticks() - start_ticks) * NsPerTick();
  const double ns = static_cast<double>(MonotonicNs() - start_ns);
  EXPECT_GT(ns, 49e6);
  // Loose: the scheduler may come in between two looks.
  EXPECT_NEAR(ticks_ns / ns, 1, 0.5);
}

TEST(ClockTest, KnowsItsResolution) {
  EXPECT_GE(TickStep(), 1);
  EXPECT_LT(TickStep() * NsPerTick(), 10'000);
}

TEST(ClockTest, CountsCpuTime) {
  const uint64_t start_ns = CpuNs();
  while (CpuNs() - start_ns < 1'000'000) {
  }
  SUCCEED();
}

}  // namespace
}  // namespace ringway::bench
