// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef BENCH_HARNESS_SAMPLER_H_
#define BENCH_HARNESS_SAMPLER_H_

#include <stdint.h>

#include <algorithm>
#include <vector>

#include "bench/harness/case.h"
#include "bench/harness/clock.h"
#include "bench/harness/statistics.h"

namespace ringway::bench {

// Collects the time of one item after the other, until the pace or its memory says it is enough.
class Sampler {
 public:
  explicit Sampler(const Pace& pace)
      : samples_(kSamplesMax, 1),  // written, so that no page is missing later
        warm_up_(TicksFromNs(pace.warm_up_ns())),
        measure_(TicksFromNs(pace.measure_ns)) {}

  // An item took from `start` to `end`. Returns whether another one is wanted. The warm-up begins
  // with the first item: before that the other side may not even run.
  bool Add(uint64_t start, uint64_t end) {
    if (warm_from_ == 0) warm_from_ = end + warm_up_;
    if (end < warm_from_) return true;
    if (count_ == 0) {
      cpu_start_ns_ = CpuNs();
      done_from_ = end + measure_;
    }
    samples_[count_++] = static_cast<uint32_t>(std::min<uint64_t>(end - start, UINT32_MAX));
    return count_ < kSamplesMax && end < done_from_;
  }

  size_t count() const { return count_; }

  Measurement Finish() {
    Measurement found = {.items = count_, .cpu_ns = CpuNs() - cpu_start_ns_};
    samples_.resize(count_);
    double ticks = 0;
    for (const uint32_t sample : samples_) ticks += sample;
    found.elapsed_ns = static_cast<uint64_t>(ticks * NsPerTick());
    found.p50_ns = Quantile(samples_, 0.50, TickStep()) * NsPerTick();
    found.p99_ns = Quantile(samples_, 0.99, TickStep()) * NsPerTick();
    return found;
  }

 private:
  static constexpr size_t kSamplesMax = size_t{1} << 18;

  std::vector<uint32_t> samples_;
  size_t count_ = 0;
  uint64_t warm_up_;
  uint64_t measure_;
  uint64_t warm_from_ = 0;
  uint64_t done_from_ = 0;
  uint64_t cpu_start_ns_ = 0;
};

// The same for items that overlap: what they took is the time from the first to the last.
class OverlapSampler {
 public:
  explicit OverlapSampler(const Pace& pace) : sampler_(pace) {}

  bool Add(uint64_t start, uint64_t end) {
    if (from_ == 0) from_ = start;
    const bool more = sampler_.Add(start, end);
    if (sampler_.count() == 0) from_ = end;  // warming up
    to_ = end;
    return more;
  }

  Measurement Finish() {
    Measurement found = sampler_.Finish();
    found.elapsed_ns = static_cast<uint64_t>(static_cast<double>(to_ - from_) * NsPerTick());
    return found;
  }

 private:
  Sampler sampler_;
  uint64_t from_ = 0;
  uint64_t to_ = 0;
};

}  // namespace ringway::bench

#endif  // BENCH_HARNESS_SAMPLER_H_
