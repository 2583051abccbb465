// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Measures many cases fairly: those to be compared run in turns, and only while the machine is
// quiet.

#ifndef BENCH_HARNESS_RUNNER_H_
#define BENCH_HARNESS_RUNNER_H_

#include <stddef.h>
#include <stdint.h>

#include <string>
#include <vector>

#include "bench/harness/case.h"
#include "bench/harness/cpu_shares.h"
#include "bench/harness/progress.h"

namespace ringway::bench {

// Every round begins with a look at two floors: the bare cache line and a slot ring. The round is
// measured only if the ring is not slower than the line by more than this, and if both had their
// CPUs for themselves. Otherwise the look is taken again; when that does not help, or the time is
// over before all rounds were measured, the run is invalid.
inline constexpr double kSlotRingOverCacheLineMax = 2.2;
inline constexpr double kOwnCpuShareMin = 0.9;

struct Plan {
  size_t rounds = 5;
  uint64_t budget_ns = 0;  // for everything; once it is over, one round has to do
  Case cache_line;         // what the rule above compares
  Case slot_ring;
};

// A case with what each round found.
struct Series {
  Case what;
  std::vector<Measurement> rounds;
};

struct Findings {
  std::vector<Series> series;                     // in the order of the cases
  std::vector<double> slot_ring_over_cache_line;  // of each round that was measured
  size_t looks_repeated = 0;
  bool valid = true;
  CpuShares cpu_shares;  // while it was measured
  std::string error;     // empty: all went well
};

Findings Measure(const Cases& cases, const Plan& plan, Progress& progress);

// For one measurement, whichever counts for its question.
double P50Ns(const Measurement& found);
double ItemsPerSecond(const Measurement& found);

// The median over the rounds.
double MedianOf(const Series& series, double (*figure)(const Measurement&));

}  // namespace ringway::bench

#endif  // BENCH_HARNESS_RUNNER_H_
