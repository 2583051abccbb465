// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/harness/clock.h"

#include <time.h>

#include <algorithm>

namespace ringway::bench {
namespace {

uint64_t Read(clockid_t clock) {
  timespec now = {};
  clock_gettime(clock, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

double Calibrate() {
  const uint64_t start_ticks = Ticks();
  const uint64_t start_ns = MonotonicNs();
  const timespec pause = {.tv_sec = 0, .tv_nsec = 20'000'000};
  nanosleep(&pause, nullptr);
  const uint64_t ns = MonotonicNs() - start_ns;
  return static_cast<double>(ns) / static_cast<double>(Ticks() - start_ticks);
}

uint64_t LeastStep() {
  uint64_t least = UINT64_MAX;
  for (int look = 0; look < 10'000; ++look) {
    const uint64_t start = Ticks();
    const uint64_t end = Ticks();
    if (end > start) least = std::min(least, end - start);
  }
  return least;
}

}  // namespace

uint64_t MonotonicNs() { return Read(CLOCK_MONOTONIC); }

uint64_t CpuNs() { return Read(CLOCK_PROCESS_CPUTIME_ID); }

double NsPerTick() {
  static const double ns_per_tick = Calibrate();
  return ns_per_tick;
}

double TickStep() {
  static const double step = static_cast<double>(LeastStep());
  return step;
}

}  // namespace ringway::bench
