// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Relacy: the production lane under every schedule of two threads and every value that C++20's
// memory model lets a load return. Data races on payload, half records, lost, doubled and reordered
// ones.

#include <gtest/gtest.h>

#include "tests/model/lane_scenarios.h"

namespace ringway::model {
namespace {

template <class Scenario>
void ExpectSound(const char* name, Bound bound) {
  lane_bug = LaneBug::kNone;
  const Explored explored = Explore<Scenario>(name, bound);
  EXPECT_EQ(explored.result, "SUCCESS");
  EXPECT_GT(explored.schedules, 100u);
}

template <class Scenario>
void ExpectCaught(LaneBug bug, const char* name) {
  lane_bug = bug;
  EXPECT_TRUE(Explore<Scenario>(name, kEverything, true).found_bug());
}

TEST(LaneModelTest, PushPop) { ExpectSound<PushPop>("PushPop", kEverything); }
TEST(LaneModelTest, WrapExactly) { ExpectSound<WrapExactly>("WrapExactly", kEverything); }
TEST(LaneModelTest, WrapWithPad) { ExpectSound<WrapWithPad>("WrapWithPad", kEverything); }
TEST(LaneModelTest, Reclaim) { ExpectSound<Reclaim>("Reclaim", kEverything); }
TEST(LaneModelTest, ReclaimShifted) { ExpectSound<ReclaimShifted>("ReclaimShifted", kEverything); }
TEST(LaneModelTest, Batch) { ExpectSound<Batch>("Batch", kEverything); }
TEST(LaneModelTest, BatchWithEnd) { ExpectSound<BatchWithEnd>("BatchWithEnd", kEverything); }
TEST(LaneModelTest, Grow) { ExpectSound<Grow>("Grow", kEverything); }
TEST(LaneModelTest, FirstPut) { ExpectSound<FirstPut>("FirstPut", kEverything); }

TEST(LaneModelTest, Laps) { ExpectSound<Laps<3, 4>>("3 records", kEverything); }
TEST(LaneModelTest, MoreLaps) { ExpectSound<Laps<6, 8>>("6 records", Preemptions(3)); }

// Mistakes at the places where the engine calls the ring.
TEST(LaneCallerMutantTest, HeadBeforeCopyIsCaught) {
  ExpectCaught<ReclaimShifted>(LaneBug::kHeadBeforeCopy, "head before copy");
}
TEST(LaneCallerMutantTest, HeadRelaxedIsCaught) {
  ExpectCaught<Reclaim>(LaneBug::kHeadRelaxed, "head relaxed");
}
TEST(LaneCallerMutantTest, HeadLoadedRelaxedIsCaught) {
  ExpectCaught<Reclaim>(LaneBug::kHeadLoadedRelaxed, "head loaded relaxed");
}
TEST(LaneCallerMutantTest, GrowBeforeReadyIsCaught) {
  ExpectCaught<Grow>(LaneBug::kGrowBeforeReady, "grow before ready");
}
TEST(LaneCallerMutantTest, FirstLaneEarlyIsCaught) {
  ExpectCaught<FirstPut>(LaneBug::kFirstLaneEarly, "first lane early");
}
TEST(LaneCallerMutantTest, FirstLaneRelaxedIsCaught) {
  ExpectCaught<FirstPut>(LaneBug::kFirstLaneRelaxed, "first lane relaxed");
}

}  // namespace
}  // namespace ringway::model
