// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What a run has to show: the figures of the issues, as ratios where a rival ran beside.

#ifndef BENCH_GOALS_H_
#define BENCH_GOALS_H_

#include <string>
#include <vector>

#include "bench/harness/runner.h"

namespace ringway::bench {

enum class GoalKind {
  kRatio,         // subject over the best rival
  kDifferenceNs,  // subject less the rival
  kPerSecond,     // items of the subject
  kNsEach,        // time of one item of the subject
};

struct Goal {
  std::string what;
  GoalKind kind;
  std::string subject;              // name of a case
  std::vector<std::string> rivals;  // names of cases; the one with the highest figure counts
  double bound;                     // 0: there is none
  bool at_most;                     // or at least

  // Whether it is about items per second, and not about the time of one.
  bool counts_items() const {
    return kind == GoalKind::kPerSecond || kind == GoalKind::kNsEach ||
           subject.starts_with("rate/");
  }
};

struct Verdict {
  Goal goal;
  double value;    // median over the rounds
  double subject;  // the same for the subject alone, and for the best rival: ns or items per second
  double rival;
  bool met;  // also where there is no bound
};

const std::vector<Goal>& AllGoals();

// Judges the goals whose cases were measured.
std::vector<Verdict> Judge(const std::vector<Goal>& goals, const std::vector<Series>& series);

}  // namespace ringway::bench

#endif  // BENCH_GOALS_H_
