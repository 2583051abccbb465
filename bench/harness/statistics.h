// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef BENCH_HARNESS_STATISTICS_H_
#define BENCH_HARNESS_STATISTICS_H_

#include <stddef.h>
#include <stdint.h>

#include <vector>

namespace ringway::bench {

// The value below which the given share (0 to 1) of the samples lie; 0 of none. A sample stands for
// all values that differ from it by less than half a `step`, the resolution of the clock: without
// that a median would be no finer than the clock. Reorders the samples.
double Quantile(std::vector<uint32_t>& samples, double share, double step);

// The middle one, or the mean of the middle two; 0 of none.
double Median(std::vector<double> values);

}  // namespace ringway::bench

#endif  // BENCH_HARNESS_STATISTICS_H_
