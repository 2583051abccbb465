// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/goals.h"

#include <algorithm>
#include <utility>

#include "bench/harness/statistics.h"

namespace ringway::bench {
namespace {

using enum GoalKind;
constexpr bool kAtMost = true;
constexpr bool kAtLeast = false;

const Series* Find(const std::vector<Series>& series, const std::string& name) {
  for (const Series& each : series) {
    if (each.what.name == name && !each.rounds.empty()) return &each;
  }
  return nullptr;
}

double Figure(const Goal& goal, const Series& series, size_t round) {
  const Measurement& found = series.rounds[round];
  return goal.counts_items() ? ItemsPerSecond(found) : P50Ns(found);
}

double Combine(GoalKind kind, double subject, double rival) {
  switch (kind) {
    case kRatio:
      return rival > 0 ? subject / rival : 0;
    case kDifferenceNs:
      return subject - rival;
    case kPerSecond:
      return subject;
    case kNsEach:
      return subject > 0 ? 1e9 / subject : 0;
  }
  return 0;
}

Verdict JudgeOne(const Goal& goal, const Series& subject,
                 const std::vector<const Series*>& rivals) {
  std::vector<double> values, subjects, bests;
  for (size_t round = 0; round < subject.rounds.size(); ++round) {
    double best = 0;
    for (const Series* rival : rivals) {
      if (round < rival->rounds.size()) best = std::max(best, Figure(goal, *rival, round));
    }
    subjects.push_back(Figure(goal, subject, round));
    bests.push_back(best);
    values.push_back(Combine(goal.kind, subjects.back(), best));
  }
  Verdict verdict = {.goal = goal,
                     .value = Median(values),
                     .subject = Median(subjects),
                     .rival = Median(bests),
                     .met = true};
  if (goal.bound != 0) {
    verdict.met = goal.at_most ? verdict.value <= goal.bound : verdict.value >= goal.bound;
  }
  return verdict;
}

// What the original ipcz was measured at, on a 2-core machine like those that this is made on: per
// second, with traps. Not measured in this run.
constexpr double kOriginalTransfersInSequence = 10.4e3;
constexpr double kOriginalTransfersAtDepth32 = 85e3;

const std::vector<Goal> kAllGoals = {
    {"round trip 8 B, polling: portal / slot ring",
     kRatio,
     "roundtrip/portal/poll/bytes:8",
     {"roundtrip/slot_ring/poll/bytes:8"},
     1.4,
     kAtMost},
    {"round trip 64 B, polling: portal / slot ring",
     kRatio,
     "roundtrip/portal/poll/bytes:64",
     {"roundtrip/slot_ring/poll/bytes:64"},
     1.4,
     kAtMost},
    {"round trip 8 B, adaptive / polling",
     kRatio,
     "roundtrip/portal/adaptive/bytes:8",
     {"roundtrip/portal/poll/bytes:8"},
     1.5,
     kAtMost},
    {"round trip 8 B, parked: portal / futex",
     kRatio,
     "roundtrip/portal/park/bytes:8",
     {"roundtrip/futex/park/bytes:8"},
     1.15,
     kAtMost},
    {"round trip 8 B, trap handlers / futex",
     kRatio,
     "roundtrip/portal/trap/bytes:8",
     {"roundtrip/futex/park/bytes:8"},
     1.5,
     kAtMost},
    {"one way 8 B: portal", kPerSecond, "rate/portal/bytes:8", {}, 20e6, kAtLeast},
    {"one way 8 B: portal / better of socket and pipe",
     kRatio,
     "rate/portal/bytes:8",
     {"rate/seqpacket/bytes:8", "rate/pipe/bytes:8"},
     10,
     kAtLeast},
    {"one way 8 B: portal, batches of 32",
     kPerSecond,
     "rate/portal_batch/bytes:8",
     {},
     60e6,
     kAtLeast},
    {"one way 64 B: portal", kPerSecond, "rate/portal/bytes:64", {}, 20e6, kAtLeast},
    {"one way 1 KiB: portal", kPerSecond, "rate/portal/bytes:1024", {}, 10e6, kAtLeast},
    {"one way 64 KiB, in place: portal / limit",
     kRatio,
     "rate/portal_two_phase/bytes:65536",
     {"rate/inplace_limit/bytes:65536"},
     0.8,
     kAtLeast},
    {"one way 1 MiB, in place: portal / limit",
     kRatio,
     "rate/portal_two_phase/bytes:1048576",
     {"rate/inplace_limit/bytes:1048576"},
     0.8,
     kAtLeast},
    {"one way 64 KiB, copying: portal / limit",
     kRatio,
     "rate/portal/bytes:65536",
     {"rate/copy_limit/bytes:65536"},
     0,
     kAtLeast},
    {"one way 1 MiB, copying: portal / limit",
     kRatio,
     "rate/portal/bytes:1048576",
     {"rate/copy_limit/bytes:1048576"},
     0,
     kAtLeast},
    {"a Put less a ring write, receiver awake",
     kDifferenceNs,
     "sendcost/portal/bytes:8",
     {"sendcost/ring/bytes:8"},
     25,
     kAtMost},
    {"Put and Get 8 B within a node", kNsEach, "rate/portal_local/bytes:8", {}, 100, kAtMost},
    {"round trip 8 B, polling: portal sent on by a third node / portal",
     kRatio,
     "roundtrip/portal_forwarded/poll/bytes:8",
     {"roundtrip/portal/poll/bytes:8"},
     1.1,
     kAtMost},
    {"portal transfer, in sequence, polling / 8 B round trip",
     kRatio,
     "transfer/portal/depth:1",
     {"transfer/none/depth:1"},
     15,
     kAtMost},
    {"portal transfers, 32 in flight, polling",
     kPerSecond,
     "transfer/portal/depth:32",
     {},
     0,
     kAtLeast},
    {"portal transfers, in sequence, trap handlers",
     kPerSecond,
     "transfer/portal_trap/depth:1",
     {},
     1.5 * kOriginalTransfersInSequence,
     kAtLeast},
    {"portal transfers, 32 in flight, trap handlers",
     kPerSecond,
     "transfer/portal_trap/depth:32",
     {},
     5 * kOriginalTransfersAtDepth32,
     kAtLeast},
    {"a foreign core, one way 8 B: our driver / socket driver",
     kRatio,
     "rate/foreign_core_ringway/bytes:8",
     {"rate/foreign_core_socket/bytes:8"},
     8,
     kAtLeast},
    {"a foreign core, round trip 8 B, polling: our driver / socket driver",
     kRatio,
     "roundtrip/foreign_core_ringway/poll/bytes:8",
     {"roundtrip/foreign_core_socket/poll/bytes:8"},
     0.2,
     kAtMost},
    {"a call, polling: two ints in and one out / round trip 8 B",
     kRatio,
     "roundtrip/call/poll/bytes:8",
     {"roundtrip/portal/poll/bytes:8"},
     1.5,
     kAtMost},
    {"a call, polling: Cap'n Proto / ours",
     kRatio,
     "roundtrip/capnp/poll/bytes:8",
     {"roundtrip/call/poll/bytes:8"},
     10,
     kAtLeast},
    {"a call, parked: ours / Cap'n Proto",
     kRatio,
     "roundtrip/call/park/bytes:8",
     {"roundtrip/capnp/park/bytes:8"},
     1,
     kAtMost},
    {"a call, parked: ours / sd-bus",
     kRatio,
     "roundtrip/call/park/bytes:8",
     {"roundtrip/sd_bus/park/bytes:8"},
     1,
     kAtMost},
    {"a call in one process, beyond a virtual call",
     kDifferenceNs,
     "roundtrip/call_local/poll/bytes:8",
     {"roundtrip/call_virtual/poll/bytes:8"},
     30,
     kAtMost},
    {"calls with 1 MiB, in place / limit one way",
     kRatio,
     "rate/call/bytes:1048576",
     {"rate/inplace_limit/bytes:1048576"},
     0.8,
     kAtLeast},
    {"calls with 1 MiB, one at a time and copied / limit of copies one way",
     kRatio,
     "rate/call_waiting/bytes:1048576",
     {"rate/copy_limit/bytes:1048576"},
     0,
     kAtLeast},
    {"round trip 8 B, polling: portal among 1,000 / alone",
     kRatio,
     "scale/portals:1000",
     {"scale/portals:1"},
     1.2,
     kAtMost},
    {"round trip 8 B, polling: portal among 100,000 / alone",
     kRatio,
     "scale/portals:100000",
     {"scale/portals:1"},
     1.2,
     kAtMost},
};

}  // namespace

const std::vector<Goal>& AllGoals() { return kAllGoals; }

std::vector<Verdict> Judge(const std::vector<Goal>& goals, const std::vector<Series>& series) {
  std::vector<Verdict> verdicts;
  for (const Goal& goal : goals) {
    const Series* subject = Find(series, goal.subject);
    std::vector<const Series*> rivals;
    for (const std::string& name : goal.rivals) {
      if (const Series* rival = Find(series, name)) rivals.push_back(rival);
    }
    if (subject == nullptr || rivals.size() != goal.rivals.size()) continue;
    verdicts.push_back(JudgeOne(goal, *subject, rivals));
  }
  return verdicts;
}

}  // namespace ringway::bench
