// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "engine/cmd/latency.h"

#include <algorithm>
#include <numeric>

namespace ringway::cmd {

uint64_t Percentile(const std::vector<uint64_t>& sorted, size_t permille) {
  constexpr size_t kWhole = 1000;
  const size_t rank = (sorted.size() * permille + kWhole - 1) / kWhole;  // from 1
  return sorted[std::clamp(rank, size_t{1}, sorted.size()) - 1];
}

LatencySummary Summarize(std::vector<uint64_t> samples) {
  std::sort(samples.begin(), samples.end());
  LatencySummary summary;
  summary.min = samples.front();
  summary.p50 = Percentile(samples, 500);
  summary.p90 = Percentile(samples, 900);
  summary.p99 = Percentile(samples, 990);
  summary.p999 = Percentile(samples, 999);
  summary.max = samples.back();
  summary.mean =
      std::accumulate(samples.begin(), samples.end(), 0.0) / static_cast<double>(samples.size());
  return summary;
}

}  // namespace ringway::cmd
