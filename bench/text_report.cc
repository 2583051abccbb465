// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/text_report.h"

#include <algorithm>
#include <iterator>
#include <map>

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

// The number that a case's name ends with, and what it counts.
size_t NumberOf(const Case& what) {
  return std::stoull(what.name.substr(what.name.rfind(':') + 1));
}

std::string ColumnOf(const Case& what) {
  if (what.question() != "transfer") return FormatSize(what.bytes);
  return "depth " + std::to_string(NumberOf(what));
}

double PairsPerSecond(const Measurement& found) { return found.pairs_per_second; }
double BytesEach(const Measurement& found) { return found.bytes_each; }

std::string Cell(const Series& series) {
  if (series.rounds.empty()) return "";
  if (series.what.question() == "transfer") {
    return FormatPerSecond(MedianOf(series, ItemsPerSecond)) + " / " +
           FormatNs(MedianOf(series, P50Ns));
  }
  if (series.what.question() == "rate") {
    const double items = MedianOf(series, ItemsPerSecond);
    return series.what.bytes < size_t{64} << 10
               ? FormatPerSecond(items)
               : FormatBytesPerSecond(items * static_cast<double>(series.what.bytes));
  }
  return FormatNs(MedianOf(series, P50Ns)) + " / " + FormatNs(MedianOf(series, P99Ns));
}

// One row for each path, one column for each size or depth.
std::string Grid(const std::string& title, const std::string& question,
                 const std::vector<Series>& all) {
  std::map<size_t, std::string> columns;  // by the numbers that names end with
  std::vector<std::string> paths;
  for (const Series& series : all) {
    if (series.what.question() != question) continue;
    const std::string path = PathOf(series.what);
    if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
    columns.emplace(NumberOf(series.what), ColumnOf(series.what));
  }
  if (paths.empty()) return "";
  Table table;
  std::vector<std::string> head = {title};
  for (const auto& [number, column] : columns) head.push_back(column);
  table.Add(head);
  for (const std::string& path : paths) {
    std::vector<std::string> row(columns.size() + 1);
    row[0] = "  " + path;
    for (const Series& series : all) {
      if (series.what.question() != question || PathOf(series.what) != path) continue;
      const auto column = columns.find(NumberOf(series.what));
      row[static_cast<size_t>(std::distance(columns.begin(), column)) + 1] = Cell(series);
    }
    table.Add(row);
  }
  return table.Text() + "\n";
}

// One row for each number of pairs.
std::string ScaleTable(const std::vector<Series>& all) {
  Table table;
  table.Add({"pairs across one link", "opened", "KiB each", "round trip of one, p50 / p99"});
  bool any = false;
  for (const Series& series : all) {
    if (series.what.question() != "scale" || series.rounds.empty()) continue;
    any = true;
    const bool many = NumberOf(series.what) > 1;  // of a single pair this says nothing
    table.Add({"  " + std::to_string(NumberOf(series.what)),
               many ? FormatPerSecond(MedianOf(series, PairsPerSecond)) : "",
               many ? FormatFigure(MedianOf(series, BytesEach) / 1024) : "", Cell(series)});
  }
  return any ? table.Text() + "\n" : "";
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
  return verdict.goal.counts_items() ? FormatPerSecond(value) : FormatNs(value);
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
         Grid("portal transfers, a second / p50 of one", "transfer", findings.series) +
         ScaleTable(findings.series) + VerdictTable(verdicts, findings.valid) + Validity(findings);
}

}  // namespace ringway::bench
