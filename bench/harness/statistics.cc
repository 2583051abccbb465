// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/harness/statistics.h"

#include <algorithm>

namespace ringway::bench {

double Quantile(std::vector<uint32_t>& samples, double share, double step) {
  if (samples.empty()) return 0;
  const double rank = share * static_cast<double>(samples.size());
  const size_t index = std::min(samples.size() - 1, static_cast<size_t>(rank));
  const auto nth = samples.begin() + static_cast<ptrdiff_t>(index);
  std::nth_element(samples.begin(), nth, samples.end());
  const double from = *nth - step / 2;
  double below = 0;
  double around = 0;
  for (const uint32_t sample : samples) {
    if (sample < from) {
      ++below;
    } else if (sample < from + step) {
      ++around;
    }
  }
  return around == 0 ? *nth : from + step * std::clamp((rank - below) / around, 0.0, 1.0);
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return values[middle];
  return (values[middle - 1] + values[middle]) / 2;
}

}  // namespace ringway::bench
