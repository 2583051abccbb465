// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef BENCH_TEXT_REPORT_H_
#define BENCH_TEXT_REPORT_H_

#include <string>
#include <vector>

#include "bench/goals.h"
#include "bench/harness/runner.h"

namespace ringway::bench {

// What a run found, for a reader, in one table: what was measured, then what had to be shown.
std::string TextReport(const Findings& findings, const std::vector<Verdict>& verdicts);

}  // namespace ringway::bench

#endif  // BENCH_TEXT_REPORT_H_
