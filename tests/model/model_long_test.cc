// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Relacy's scenarios with more steps: above 10^8 schedules, an hour.

#include <gtest/gtest.h>

#include "tests/model/lane_scenarios.h"
#include "tests/model/wake_scenarios.h"

namespace ringway::model {
namespace {

template <class Scenario>
void ExpectSound(const char* name, Bound bound) {
  const Explored explored = Explore<Scenario>(name, bound);
  EXPECT_EQ(explored.result, "SUCCESS");
  EXPECT_GT(explored.schedules, 1'000'000u);
}

TEST(LaneModelLongTest, ThreeRecords) { ExpectSound<Laps<3, 5>>("3 records", kEverything); }
TEST(LaneModelLongTest, SixRecords) { ExpectSound<Laps<6, 8>>("6 records", Preemptions(6)); }
TEST(WakeModelLongTest, Park) {
  ExpectSound<Park<2, Fences::kBothSides>>("Park twice, fences", kEverything);
}
TEST(WakeModelLongTest, ParkWithTheSleepersBarrier) {
  ExpectSound<Park<2, Fences::kSleeperForBoth>>("Park twice, barrier", kEverything);
}
TEST(WakeModelLongTest, Trap) {
  ExpectSound<Trap<1, 2, Fences::kBothSides>>("Trap for 1, then 2", Preemptions(7));
}
TEST(WakeModelLongTest, ParkTwoThreads) {
  ExpectSound<ParkTwoThreads<Fences::kBothSides>>("Park two threads", Preemptions(4));
}
TEST(WakeModelLongTest, ParkBesideATrap) {
  ExpectSound<ParkBesideTrap<1, Fences::kBothSides>>("Park beside a trap", Preemptions(4));
}

}  // namespace
}  // namespace ringway::model
