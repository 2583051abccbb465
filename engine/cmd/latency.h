// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef ENGINE_CMD_LATENCY_H_
#define ENGINE_CMD_LATENCY_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ringway::cmd {

// Nanoseconds.
struct LatencySummary {
  uint64_t min = 0;
  uint64_t p50 = 0;
  uint64_t p90 = 0;
  uint64_t p99 = 0;
  uint64_t p999 = 0;
  uint64_t max = 0;
  double mean = 0;
};

// The smallest sample that at least `permille` thousandths of all samples do
// not exceed. `sorted` must not be empty.
uint64_t Percentile(const std::vector<uint64_t>& sorted, size_t permille);

// Sorts all samples: with 8 bytes for each of them that is as quick as any
// histogram, simpler, and exact. `samples` must not be empty.
LatencySummary Summarize(std::vector<uint64_t> samples);

}  // namespace ringway::cmd

#endif  // ENGINE_CMD_LATENCY_H_
