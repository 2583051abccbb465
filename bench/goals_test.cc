// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/goals.h"

#include <gtest/gtest.h>

namespace ringway::bench {
namespace {

Series RoundTrips(const std::string& name, const std::vector<double>& p50s) {
  Series series;
  series.what.name = name;
  for (const double p50_ns : p50s) series.rounds.push_back({.p50_ns = p50_ns});
  return series;
}

Series Rates(const std::string& name, const std::vector<uint64_t>& rates) {
  Series series;
  series.what.name = name;
  for (const uint64_t rate : rates) {
    series.rounds.push_back({.items = rate, .elapsed_ns = 1'000'000'000});
  }
  return series;
}

TEST(JudgeTest, TakesTheMedianOfPairs) {
  const Goal goal = {"", GoalKind::kRatio, "roundtrip/a", {"roundtrip/b"}, 1.4, true};
  // A machine that slows down halfway moves both, and not their ratio.
  const auto verdicts = Judge({goal}, {RoundTrips("roundtrip/a", {130, 130, 390, 390, 1000}),
                                       RoundTrips("roundtrip/b", {100, 100, 300, 300, 300})});
  ASSERT_EQ(verdicts.size(), 1u);
  EXPECT_DOUBLE_EQ(verdicts[0].value, 1.3);
  EXPECT_TRUE(verdicts[0].met);
}

TEST(JudgeTest, ComparesWithTheBestRival) {
  const Goal goal = {"", GoalKind::kRatio, "rate/a", {"rate/b", "rate/c"}, 10, false};
  const auto verdicts =
      Judge({goal}, {Rates("rate/a", {1000}), Rates("rate/b", {50}), Rates("rate/c", {125})});
  ASSERT_EQ(verdicts.size(), 1u);
  EXPECT_DOUBLE_EQ(verdicts[0].value, 8);
  EXPECT_FALSE(verdicts[0].met);
}

TEST(JudgeTest, KnowsDifferencesAndAbsoluteFigures) {
  const std::vector<Goal> goals = {
      {"", GoalKind::kDifferenceNs, "sendcost/a", {"sendcost/b"}, 25, true},
      {"", GoalKind::kPerSecond, "rate/a", {}, 20e6, false},
      {"", GoalKind::kNsEach, "rate/a", {}, 30, true}};
  const auto verdicts =
      Judge(goals, {RoundTrips("sendcost/a", {60}), RoundTrips("sendcost/b", {30}),
                    Rates("rate/a", {25'000'000})});
  ASSERT_EQ(verdicts.size(), 3u);
  EXPECT_DOUBLE_EQ(verdicts[0].value, 30);
  EXPECT_FALSE(verdicts[0].met);
  EXPECT_TRUE(verdicts[1].met);
  EXPECT_DOUBLE_EQ(verdicts[2].value, 40);
  EXPECT_FALSE(verdicts[2].met);
}

TEST(JudgeTest, CountsTransfersOrTimesThem) {
  const Series slow = {{"transfer/a/depth:1", 8, nullptr},
                       {{.items = 20, .elapsed_ns = 1'000'000, .p50_ns = 3000}}};
  const Series alone = {{"transfer/none/depth:1", 8, nullptr}, {{.p50_ns = 200}}};
  const std::vector<Goal> goals = {
      {"", GoalKind::kRatio, "transfer/a/depth:1", {"transfer/none/depth:1"}, 15, true},
      {"", GoalKind::kPerSecond, "transfer/a/depth:1", {}, 20e3, false}};
  const auto verdicts = Judge(goals, {slow, alone});
  ASSERT_EQ(verdicts.size(), 2u);
  EXPECT_DOUBLE_EQ(verdicts[0].value, 15);
  EXPECT_DOUBLE_EQ(verdicts[0].subject, 3000);
  EXPECT_TRUE(verdicts[0].met);
  EXPECT_DOUBLE_EQ(verdicts[1].value, 20e3);
  EXPECT_TRUE(verdicts[1].met);
}

TEST(JudgeTest, LeavesOutWhatWasNotMeasured) {
  EXPECT_TRUE(Judge(AllGoals(), {Rates("rate/portal_two_phase/bytes:65536", {1})}).empty());
}

}  // namespace
}  // namespace ringway::bench
