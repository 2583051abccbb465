// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef BENCH_SELECT_H_
#define BENCH_SELECT_H_

#include "bench/arguments.h"
#include "bench/harness/case.h"

namespace ringway::bench {

// Those of `all` that a run with these arguments measures, in their order.
Cases SelectCases(Cases all, const Arguments& wanted);

}  // namespace ringway::bench

#endif  // BENCH_SELECT_H_
