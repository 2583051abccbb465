// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/harness/sampler.h"

#include <gtest/gtest.h>

namespace ringway::bench {
namespace {

constexpr Pace kPace = {.measure_ns = 1'000'000};  // 200 us of warm-up

// Items of 100 us, one ending every 10 us, until the sampler has enough.
template <typename S>
Measurement FeedOverlapping() {
  S sampler(kPace);
  const uint64_t step = TicksFromNs(10'000);
  uint64_t end = Ticks();
  while (sampler.Add(end - 10 * step, end)) end += step;
  return sampler.Finish();
}

TEST(SamplerTest, AddsUpTheTimesOfItems) {
  const Measurement found = FeedOverlapping<Sampler>();
  EXPECT_NEAR(static_cast<double>(found.items), 101, 1);
  EXPECT_NEAR(static_cast<double>(found.elapsed_ns), 100'000.0 * 101, 110'000);
}

TEST(OverlapSamplerTest, TakesTheTimeFromTheFirstToTheLast) {
  const Measurement found = FeedOverlapping<OverlapSampler>();
  EXPECT_NEAR(static_cast<double>(found.items), 101, 1);
  EXPECT_NEAR(static_cast<double>(found.elapsed_ns), 10'000.0 * 101, 11'000);
  EXPECT_NEAR(found.p50_ns, 100'000, 1'000);
}

}  // namespace
}  // namespace ringway::bench
