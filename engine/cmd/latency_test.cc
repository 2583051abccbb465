// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/cmd/latency.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace ringway::cmd {
namespace {

std::vector<uint64_t> OneTo(uint64_t last) {
  std::vector<uint64_t> samples(last);
  std::iota(samples.begin(), samples.end(), 1);
  return samples;
}

TEST(LatencyTest, OfOneSampleEverythingIsThatSample) {
  const LatencySummary summary = Summarize({7});
  for (const uint64_t value :
       {summary.min, summary.p50, summary.p90, summary.p99, summary.p999, summary.max}) {
    EXPECT_EQ(value, 7u);
  }
  EXPECT_EQ(summary.mean, 7.0);
}

TEST(LatencyTest, PercentilesAreExactAndDoNotDependOnTheOrder) {
  std::vector<uint64_t> samples = OneTo(1000);
  std::reverse(samples.begin(), samples.end());
  const LatencySummary summary = Summarize(samples);
  EXPECT_EQ(summary.min, 1u);
  EXPECT_EQ(summary.p50, 500u);
  EXPECT_EQ(summary.p90, 900u);
  EXPECT_EQ(summary.p99, 990u);
  EXPECT_EQ(summary.p999, 999u);
  EXPECT_EQ(summary.max, 1000u);
  EXPECT_EQ(summary.mean, 500.5);
}

TEST(LatencyTest, APercentileBetweenTwoSamplesIsTheLarger) {
  EXPECT_EQ(Percentile(OneTo(3), 500), 2u);
  EXPECT_EQ(Percentile(OneTo(2), 501), 2u);
  EXPECT_EQ(Percentile(OneTo(10), 999), 10u);
}

}  // namespace
}  // namespace ringway::cmd
