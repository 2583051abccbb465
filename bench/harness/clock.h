// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef BENCH_HARNESS_CLOCK_H_
#define BENCH_HARNESS_CLOCK_H_

#include <stdint.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace ringway::bench {

// CLOCK_MONOTONIC.
uint64_t MonotonicNs();

// The CPU time of this process so far, all threads.
uint64_t CpuNs();

// The cheapest clock there is: the CPU's own counter where we know it, about 10 ns a look.
inline uint64_t Ticks() {
#if defined(__x86_64__)
  return __rdtsc();
#else
  return MonotonicNs();
#endif
}

// The same, but neither earlier nor later instructions move across it.
inline uint64_t FencedTicks() {
#if defined(__x86_64__)
  _mm_lfence();
  const uint64_t ticks = __rdtsc();
  _mm_lfence();
  return ticks;
#else
  return MonotonicNs();
#endif
}

// Takes 20 ms the first time it is called; processes forked later know it already.
double NsPerTick();

// The resolution of Ticks(), in ticks: the least that two looks differ by. Some virtual machines
// count in steps of 10 ns. Processes forked after the first call know it already.
double TickStep();

inline uint64_t TicksFromNs(uint64_t ns) {
  return static_cast<uint64_t>(static_cast<double>(ns) / NsPerTick());
}

}  // namespace ringway::bench

#endif  // BENCH_HARNESS_CLOCK_H_
