// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// bench/run: a file tree through portals, then all measurements and one table.

#include <stdint.h>
#include <stdio.h>

#include <fstream>
#include <string>
#include <vector>

#include "bench/arguments.h"
#include "bench/cases.h"
#include "bench/file_tree.h"
#include "bench/goals.h"
#include "bench/harness/progress.h"
#include "bench/harness/runner.h"
#include "bench/json_report.h"
#include "bench/select.h"
#include "bench/text_report.h"

namespace ringway::bench {
namespace {

constexpr size_t kQuickSeconds = 80;
constexpr size_t kFullSeconds = 150;

int Complain(const std::string& why, int status) {
  fprintf(stderr, "ringway: bench: %s\n", why.c_str());
  return status;
}

int SendTree(const std::string& path) {
  Progress progress(stderr);
  const TreeReport report = SendFileTree(path, progress);
  progress.Clear();
  if (!report.error.empty()) return Complain(report.error, 1);
  fputs(FormatTreeReport(path, report).c_str(), stdout);
  fflush(stdout);
  return report.same() ? 0 : Complain("the two sides' checksums of " + path + " differ", 1);
}

int MeasureAndReport(const Arguments& wanted, const Cases& cases, std::ofstream& json) {
  const size_t seconds =
      wanted.seconds != 0 ? wanted.seconds : (wanted.quick ? kQuickSeconds : kFullSeconds);
  const Plan plan = {.rounds = wanted.rounds,
                     .budget_ns = uint64_t{seconds} * 1'000'000'000,
                     .cache_line = CacheLineCase(),
                     .slot_ring = SlotRingCase()};
  Progress progress(stderr);
  const Findings findings = Measure(cases, plan, progress);
  progress.Clear();
  if (!findings.error.empty()) return Complain(findings.error, 1);
  const std::vector<Verdict> verdicts = Judge(AllGoals(), findings.series);
  fputs(TextReport(findings, verdicts).c_str(), stdout);
  if (!wanted.json.empty()) {
    json << JsonReport(findings, verdicts).dump(2) << '\n';
    if (!json.flush()) return Complain(wanted.json + ": cannot be written", 1);
  }
  return 0;
}

int Main(std::vector<std::string> words) {
  const ParsedArguments parsed = ParseArguments(std::move(words));
  const Arguments& wanted = parsed.arguments;
  if (!parsed.error.empty()) return Complain(parsed.error, 2);
  if (!parsed.help.empty()) {
    fputs(parsed.help.c_str(), stdout);
    return 0;
  }
  const Cases cases = SelectCases(AllCases(), wanted);
  if (cases.empty()) return Complain("--only: no case has such a name (--list shows them)", 2);
  if (wanted.list) {
    for (const Case& each : cases) puts(each.name.c_str());
    return 0;
  }
  std::ofstream json;
  if (!wanted.json.empty()) {
    json.open(wanted.json);
    if (!json) return Complain(wanted.json + ": cannot be written (is there such a folder?)", 1);
  }
  if (!wanted.tree.empty()) {
    const int status = SendTree(wanted.tree);
    if (status != 0) return status;
  }
  return MeasureAndReport(wanted, cases, json);
}

}  // namespace
}  // namespace ringway::bench

int main(int argc, char** argv) { return ringway::bench::Main({argv + 1, argv + argc}); }
