// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/harness/runner.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <utility>

#include "bench/harness/clock.h"
#include "bench/harness/statistics.h"

namespace ringway::bench {
namespace {

constexpr Pace kLookPace = {.measure_ns = 8'000'000};
constexpr size_t kLooksMax = 6;  // for one round
constexpr uint64_t kMeasureNsMin = 5'000'000;
constexpr uint64_t kMeasureNsMax = 300'000'000;
constexpr uint64_t kStartUpNs = 8'000'000;  // what a run takes besides measuring, at first

// Cases of one question and size, by their place in the list.
using Group = std::vector<size_t>;

std::vector<Group> GroupCases(const Cases& cases) {
  std::vector<Group> groups;
  std::map<std::pair<std::string, size_t>, size_t> known;
  for (size_t i = 0; i < cases.size(); ++i) {
    const auto key = std::make_pair(cases[i].question(), cases[i].bytes);
    const auto [at, fresh] = known.emplace(key, groups.size());
    if (fresh) groups.emplace_back();
    groups[at->second].push_back(i);
  }
  return groups;
}

class Runner {
 public:
  Runner(const Cases& cases, const Plan& plan, Progress& progress)
      : plan_(plan),
        progress_(progress),
        deadline_ns_(MonotonicNs() + plan.budget_ns),
        runs_left_(cases.size() * plan.rounds) {
    for (const Case& each : cases) found_.series.push_back({each, {}});
    runs_ = runs_left_;
  }

  Findings Run(const std::vector<Group>& groups) {
    for (const Group& group : groups) {
      const Pace pace = PaceFromNow();
      for (size_t round = 0; round < plan_.rounds && found_.error.empty(); ++round) {
        if (round > 0 && MonotonicNs() > deadline_ns_) {
          found_.valid = false;
          runs_left_ -= (plan_.rounds - round) * group.size();
          break;
        }
        if (LookWhetherQuiet()) RunRound(group, pace);
      }
    }
    found_.cpu_shares = watch_.Shares();
    return std::move(found_);
  }

 private:
  // What is left of the time, for each of the runs that are left.
  Pace PaceFromNow() const {
    const uint64_t now_ns = MonotonicNs();
    const uint64_t left_ns = deadline_ns_ > now_ns ? deadline_ns_ - now_ns : 0;
    const uint64_t run_ns = left_ns / std::max<size_t>(runs_left_, 1);
    const uint64_t start_up_ns = runs_timed_ == 0 ? kStartUpNs : start_up_ns_ / runs_timed_;
    const uint64_t measure_ns = run_ns > start_up_ns ? (run_ns - start_up_ns) * 5 / 6 : 0;
    return {.measure_ns = std::clamp(measure_ns, kMeasureNsMin, kMeasureNsMax)};
  }

  // Returns false only on an error.
  bool LookWhetherQuiet() {
    // A run that is invalid already need not wait for better times.
    const size_t looks_max = found_.valid ? kLooksMax : 1;
    double ratio = 0;
    bool quiet = false;
    for (size_t look = 0; look < looks_max && !quiet; ++look) {
      if (look > 0) {
        ++found_.looks_repeated;
        usleep(50'000);
      }
      const Outcome line = plan_.cache_line.run(kLookPace);
      const Outcome ring = plan_.slot_ring.run(kLookPace);
      if (!Keep(plan_.cache_line, line) || !Keep(plan_.slot_ring, ring)) return false;
      ratio = P50Ns(ring.measurement) / P50Ns(line.measurement);
      quiet = ratio <= kSlotRingOverCacheLineMax && HadItsCpu(line) && HadItsCpu(ring);
    }
    if (!quiet) found_.valid = false;
    found_.slot_ring_over_cache_line.push_back(ratio);
    return true;
  }

  // Of a run that polls.
  static bool HadItsCpu(const Outcome& outcome) {
    return static_cast<double>(outcome.measurement.cpu_ns) >=
           kOwnCpuShareMin * static_cast<double>(outcome.measurement.elapsed_ns);
  }

  void RunRound(const Group& group, const Pace& pace) {
    for (const size_t index : group) {
      Series& series = found_.series[index];
      const double share = 1 - static_cast<double>(runs_left_--) / static_cast<double>(runs_);
      progress_.Show(share, series.what.name);
      const uint64_t start_ns = MonotonicNs();
      const Outcome outcome = series.what.run(pace);
      const uint64_t run_ns = MonotonicNs() - start_ns;
      const uint64_t measure_ns = pace.measure_ns + pace.warm_up_ns();
      start_up_ns_ += run_ns > measure_ns ? run_ns - measure_ns : 0;
      ++runs_timed_;
      if (!Keep(series.what, outcome)) return;
      series.rounds.push_back(outcome.measurement);
    }
  }

  bool Keep(const Case& what, const Outcome& outcome) {
    if (outcome.error.empty()) return true;
    found_.error = what.name + ": " + outcome.error;
    return false;
  }

  const Plan& plan_;
  Progress& progress_;
  CpuWatch watch_;
  uint64_t deadline_ns_;
  size_t runs_left_;
  size_t runs_ = 0;
  uint64_t start_up_ns_ = 0;  // what all runs so far took besides measuring
  size_t runs_timed_ = 0;
  Findings found_;
};

}  // namespace

Findings Measure(const Cases& cases, const Plan& plan, Progress& progress) {
  return Runner(cases, plan, progress).Run(GroupCases(cases));
}

double P50Ns(const Measurement& found) { return found.p50_ns; }

double ItemsPerSecond(const Measurement& found) {
  if (found.elapsed_ns == 0) return 0;
  return static_cast<double>(found.items) * 1e9 / static_cast<double>(found.elapsed_ns);
}

double MedianOf(const Series& series, double (*figure)(const Measurement&)) {
  std::vector<double> values;
  for (const Measurement& round : series.rounds) values.push_back(figure(round));
  return Median(std::move(values));
}

}  // namespace ringway::bench
