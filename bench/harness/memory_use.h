// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef BENCH_HARNESS_MEMORY_USE_H_
#define BENCH_HARNESS_MEMORY_USE_H_

#include <stdint.h>

namespace ringway::bench {

// The memory of this process in bytes, a page shared by n processes counted as an n-th (Pss of
// smaps_rollup). 0 if the kernel does not say.
uint64_t ProportionalMemory();

}  // namespace ringway::bench

#endif  // BENCH_HARNESS_MEMORY_USE_H_
