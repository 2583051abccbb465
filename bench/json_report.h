// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef BENCH_JSON_REPORT_H_
#define BENCH_JSON_REPORT_H_

#include <nlohmann/json.hpp>
#include <vector>

#include "bench/goals.h"
#include "bench/harness/runner.h"

namespace ringway::bench {

// What a run found, for a script, in Google Benchmark's shape: "context" says on which machine and
// of which build, "benchmarks" has one entry for each case. Besides, "goals" has what each came to.
nlohmann::ordered_json JsonReport(const Findings& findings, const std::vector<Verdict>& verdicts);

}  // namespace ringway::bench

#endif  // BENCH_JSON_REPORT_H_
