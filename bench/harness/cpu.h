// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef BENCH_HARNESS_CPU_H_
#define BENCH_HARNESS_CPU_H_

#include <sched.h>
#include <stddef.h>

#include <vector>

namespace ringway::bench {

// The CPUs this process may use, as they were when first asked. Processes forked later still see
// all.
const std::vector<int>& AllowedCpus();

// Pins this process, and the threads it starts later, to the CPU of its role; with a single CPU all
// roles share it.
void PinToRole(size_t role);

// One turn of a loop that waits for another process. With a CPU for each that is nothing at all: a
// pause would only add to what is measured.
inline void Spin() {
  static const bool shared_cpu = AllowedCpus().size() < 2;
  if (shared_cpu) sched_yield();
}

// One turn of a loop that waits until there is room: long enough not to steal the line that the
// other side writes its progress to.
inline void SpinUntilRoom() {
  for (int i = 0; i < 16; ++i) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }
  Spin();
}

}  // namespace ringway::bench

#endif  // BENCH_HARNESS_CPU_H_
