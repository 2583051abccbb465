// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/harness/statistics.h"

#include <gtest/gtest.h>

#include <vector>

namespace ringway::bench {
namespace {

TEST(QuantileTest, SplitsSamplesByTheirShare) {
  std::vector<uint32_t> samples;
  for (uint32_t value = 1000; value > 0; --value) samples.push_back(value);
  EXPECT_NEAR(Quantile(samples, 0.50, 1), 500.5, 0.51);
  EXPECT_NEAR(Quantile(samples, 0.99, 1), 990.5, 0.51);
  EXPECT_NEAR(Quantile(samples, 0, 1), 0.5, 0.01);
  EXPECT_NEAR(Quantile(samples, 1, 1), 1000.5, 0.01);
}

TEST(QuantileTest, IsFinerThanTheClock) {
  // Every true time is 25; a clock in steps of 10 says 20 as often as 30.
  std::vector<uint32_t> samples(100, 20);
  samples.insert(samples.end(), 100, 30);
  EXPECT_NEAR(Quantile(samples, 0.5, 10), 25, 0.01);
  // 22.5: three of four say 20.
  samples.insert(samples.end(), 200, 20);
  EXPECT_NEAR(Quantile(samples, 0.5, 10), 22, 1);
}

TEST(QuantileTest, OfNothingIsZero) {
  std::vector<uint32_t> none;
  EXPECT_EQ(Quantile(none, 0.5, 1), 0);
}

TEST(MedianTest, TakesTheMiddle) {
  EXPECT_EQ(Median({}), 0);
  EXPECT_EQ(Median({7}), 7);
  EXPECT_EQ(Median({9, 1, 5}), 5);
  EXPECT_EQ(Median({4, 1, 2, 9}), 3);
}

}  // namespace
}  // namespace ringway::bench
