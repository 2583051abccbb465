// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/harness/runner.h"

#include <gtest/gtest.h>
#include <stdio.h>

#include <string>
#include <vector>

namespace ringway::bench {
namespace {

// Cases that run nothing, and a list of what was asked to run.
class RunnerTest : public testing::Test {
 protected:
  Case Fake(const std::string& name, size_t bytes, double p50_ns) {
    return {
        name, bytes, [this, name, p50_ns](const Pace&) {
          ran_.push_back(name);
          return Outcome{{.items = 1, .elapsed_ns = 2, .cpu_ns = cpu_ns_, .p50_ns = p50_ns}, ""};
        }};
  }

  Findings Run(const Cases& cases, double slot_ring_ns) {
    Plan plan;
    plan.rounds = 2;
    plan.budget_ns = budget_ns_;
    plan.cache_line = Fake("line", 8, 100);
    plan.slot_ring = Fake("ring", 8, slot_ring_ns);
    Progress progress(null_);
    return Measure(cases, plan, progress);
  }

  ~RunnerTest() override { fclose(null_); }

  FILE* null_ = fopen("/dev/null", "w");
  std::vector<std::string> ran_;
  uint64_t cpu_ns_ = 2;  // of the 2 that each run says it took
  uint64_t budget_ns_ = 60'000'000'000;
};

TEST_F(RunnerTest, TakesTurnsWithinAQuestionAndSize) {
  const Findings found =
      Run({Fake("rate/a", 8, 1), Fake("rate/b", 64, 1), Fake("rate/c", 8, 1)}, 200);
  const std::vector<std::string> expected = {"line",   "ring",   "rate/a", "rate/c", "line",
                                             "ring",   "rate/a", "rate/c", "line",   "ring",
                                             "rate/b", "line",   "ring",   "rate/b"};
  EXPECT_EQ(ran_, expected);
  EXPECT_EQ(found.series[1].what.name, "rate/b");
  EXPECT_EQ(found.series[1].rounds.size(), 2u);
  EXPECT_TRUE(found.valid);
  EXPECT_EQ(found.slot_ring_over_cache_line, std::vector<double>({2, 2, 2, 2}));
}

TEST_F(RunnerTest, LooksAgainOnANoisyMachineAndSaysSo) {
  const Findings found = Run({Fake("rate/a", 8, 1)}, 230);
  EXPECT_FALSE(found.valid);
  EXPECT_GT(found.looks_repeated, 0u);
  EXPECT_EQ(found.series[0].rounds.size(), 2u);
}

TEST_F(RunnerTest, WantsTheCpusForItself) {
  cpu_ns_ = 1;
  EXPECT_FALSE(Run({Fake("rate/a", 8, 1)}, 200).valid);
}

TEST_F(RunnerTest, IsInvalidAndShortWhenTheTimeIsOver) {
  budget_ns_ = 0;
  const Findings found = Run({Fake("rate/a", 8, 1), Fake("rate/b", 64, 1)}, 200);
  EXPECT_FALSE(found.valid);
  EXPECT_EQ(found.series[0].rounds.size(), 1u);
  EXPECT_EQ(found.series[1].rounds.size(), 1u);
}

TEST_F(RunnerTest, StopsAtTheFirstError) {
  const Case broken = {"rate/broken", 8, [](const Pace&) { return Outcome{{}, "a wrong sum"}; }};
  const Findings found = Run({broken, Fake("rate/a", 8, 1)}, 200);
  EXPECT_EQ(found.error, "rate/broken: a wrong sum");
  EXPECT_EQ(ran_, std::vector<std::string>({"line", "ring"}));
}

TEST(MedianOfTest, IsTakenOverTheRounds) {
  Series series;
  for (const uint64_t items : {30, 10, 20}) {
    series.rounds.push_back({.items = items, .elapsed_ns = 1'000'000'000});
  }
  EXPECT_EQ(MedianOf(series, ItemsPerSecond), 20);
}

}  // namespace
}  // namespace ringway::bench
