// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/text_report.h"

#include <algorithm>

#include "bench/harness/statistics.h"
#include "bench/harness/table.h"

namespace ringway::bench {
namespace {

double P99Ns(const Measurement& found) { return found.p99_ns; }

// A case's name without its question and size: PATH or PATH/WAIT.
std::string PathOf(const Case& what) {
  const size_t from = what.name.find('/') + 1;
  return what.name.substr(from, what.name.rfind('/') - from);
}

std::string Cell(const Series& series) {
  if (series.rounds.empty()) return "";
  if (series.what.question() == "rate") {
    const double items = MedianOf(series, ItemsPerSecond);
    return series.what.bytes < size_t{64} << 10
               ? FormatPerSecond(items)
               : FormatBytesPerSecond(items * static_cast<double>(series.what.bytes));
  }
  return FormatNs(MedianOf(series, P50Ns)) + " / " + FormatNs(MedianOf(series, P99Ns));
}

// One row for each path, one column for each size.
std::string Grid(const std::string& title, const std::string& question,
                 const std::vector<Series>& all) {
  std::vector<size_t> sizes;
  std::vector<std::string> paths;
  for (const Series& series : all) {
    if (series.what.question() != question) continue;
    const std::string path = PathOf(series.what);
    if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
    const size_t bytes = series.what.bytes;
    if (std::find(sizes.begin(), sizes.end(), bytes) == sizes.end()) sizes.push_back(bytes);
  }
  if (paths.empty()) return "";
  std::sort(sizes.begin(), sizes.end());
  Table table;
  std::vector<std::string> head = {title};
  for (const size_t bytes : sizes) head.push_back(FormatSize(bytes));
  table.Add(head);
  for (const std::string& path : paths) {
    std::vector<std::string> row(sizes.size() + 1);
    row[0] = "  " + path;
    for (const Series& series : all) {
      if (series.what.question() != question || PathOf(series.what) != path) continue;
      const auto column = std::find(sizes.begin(), sizes.end(), series.what.bytes);
      row[static_cast<size_t>(column - sizes.begin()) + 1] = Cell(series);
    }
    table.Add(row);
  }
  return table.Text() + "\n";
}

std::string FormatValue(GoalKind kind, double value) {
  switch (kind) {
    case GoalKind::kRatio:
      return FormatFigure(value) + " x";
    case GoalKind::kPerSecond:
      return FormatPerSecond(value);
    case GoalKind::kDifferenceNs:
    case GoalKind::kNsEach:
      return FormatNs(value);
  }
  return "";
}

std::string FormatSide(const Verdict& verdict, double value) {
  if (value == 0) return "";
  return verdict.goal.subject.starts_with("rate/") ? FormatPerSecond(value) : FormatNs(value);
}

std::string VerdictWord(const Verdict& verdict, bool valid) {
  if (verdict.goal.bound == 0) return "-";
  if (!valid) return "invalid run";
  return verdict.met ? "ok" : "below";
}

std::string VerdictTable(const std::vector<Verdict>& verdicts, bool valid) {
  if (verdicts.empty()) return "";
  Table table;
  table.Add({"what has to be shown", "measured", "beside", "result", "wanted", "verdict"});
  for (const Verdict& verdict : verdicts) {
    const Goal& goal = verdict.goal;
    const std::string wanted =
        goal.bound == 0 ? "" : (goal.at_most ? "<= " : ">= ") + FormatValue(goal.kind, goal.bound);
    table.Add({"  " + goal.what, FormatSide(verdict, verdict.subject),
               FormatSide(verdict, verdict.rival), FormatValue(goal.kind, verdict.value), wanted,
               VerdictWord(verdict, valid)});
  }
  return table.Text() + "\n";
}

std::string Validity(const Findings& findings) {
  if (findings.slot_ring_over_cache_line.empty()) return "";
  std::string text = findings.valid ? "valid run: " : "INVALID run, the machine was not quiet: ";
  text += "slot ring / cache line " + FormatFigure(Median(findings.slot_ring_over_cache_line));
  text += " (at most " + FormatFigure(kSlotRingOverCacheLineMax) + "), " +
          std::to_string(findings.looks_repeated) + " looks repeated\n" +
          FormatCpuShares(findings.cpu_shares) + "\n";
  return text;
}

}  // namespace

std::string TextReport(const Findings& findings, const std::vector<Verdict>& verdicts) {
  return Grid("round trip, p50 / p99", "roundtrip", findings.series) +
         Grid("one way, every byte checked", "rate", findings.series) +
         Grid("sender's cost, p50 / p99", "sendcost", findings.series) +
         VerdictTable(verdicts, findings.valid) + Validity(findings);
}

}  // namespace ringway::bench
