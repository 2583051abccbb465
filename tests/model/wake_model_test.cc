// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Relacy: production lane and wake words, sleepers and publisher. No schedule and no value that
// C++20's memory model lets a load return may leave a sleeper asleep beside a parcel. TSO in full
// depth, deaths and several halves at once: wake_spin_test.

#include <gtest/gtest.h>

#include "tests/model/wake_scenarios.h"

namespace ringway::model {
namespace {

constexpr Fences kBoth = Fences::kBothSides;
constexpr Fences kSleeper = Fences::kSleeperForBoth;
constexpr Fences kSays = Fences::kAsPublisherSays;

template <class Scenario>
void ExpectSound(const char* name, Bound bound) {
  wake_bug = WakeBug::kNone;
  const Explored explored = Explore<Scenario>(name, bound);
  EXPECT_EQ(explored.result, "SUCCESS");
  EXPECT_GT(explored.schedules, 1000u);
}

template <class Scenario>
void ExpectCaught(WakeBug bug, const char* name) {
  wake_bug = bug;
  EXPECT_TRUE(Explore<Scenario>(name, Preemptions(3), true).found_bug());
}

TEST(WakeModelTest, ParkWithFencesOnBothSides) {
  ExpectSound<Park<1, kBoth>>("Park, fences", kEverything);
}
TEST(WakeModelTest, ParkWithTheSleepersBarrier) {
  ExpectSound<Park<1, kSleeper>>("Park, barrier", kEverything);
}
TEST(WakeModelTest, ParkTwiceWithFencesOnBothSides) {
  ExpectSound<Park<2, kBoth>>("Park twice, fences", Preemptions(5));
}
TEST(WakeModelTest, ParkTwiceWithTheSleepersBarrier) {
  ExpectSound<Park<2, kSleeper>>("Park twice, barrier", Preemptions(5));
}
TEST(WakeModelTest, ParkBesideAPublisherThatOmitsItsFenceAndFencesAgain) {
  ExpectSound<Park<2, kSays>>("Park twice, as publisher says", Preemptions(5));
  ExpectSound<Park<3, kSays>>("Park three times, likewise", Preemptions(4));
}
TEST(WakeModelTest, TrapWithAThreshold) {
  ExpectSound<Trap<2, 2, kBoth>>("Trap for 2 of 2", Preemptions(5));
}
TEST(WakeModelTest, TrapThatIsArmedAgain) {
  ExpectSound<Trap<1, 2, kBoth>>("Trap for 1, then 2", Preemptions(4));
}
TEST(WakeModelTest, TrapThatIsArmedAgainWithTheSleepersBarrier) {
  ExpectSound<Trap<1, 2, kSleeper>>("Trap for 1, then 2, barrier", Preemptions(4));
}
TEST(WakeModelTest, ParkTwoThreads) {
  ExpectSound<ParkTwoThreads<kBoth>>("Park two threads", Preemptions(3));
}
TEST(WakeModelTest, ParkBesideATrap) {
  ExpectSound<ParkBesideTrap<1, kBoth>>("Park beside a trap", Preemptions(3));
  ExpectSound<ParkBesideTrap<2, kSays>>("Park twice beside a trap", Preemptions(2));
}

TEST(WakeCallerMutantTest, NoPublisherFenceIsCaught) {
  ExpectCaught<Park<1, kBoth>>(WakeBug::kNoPublisherFence, "no publisher fence");
}
TEST(WakeCallerMutantTest, NoSleeperFenceIsCaught) {
  ExpectCaught<Park<1, kBoth>>(WakeBug::kNoSleeperFence, "no sleeper fence");
}
TEST(WakeCallerMutantTest, NoProcessWideFenceIsCaught) {
  ExpectCaught<Park<1, kSleeper>>(WakeBug::kNoProcessWideFence, "no process-wide fence");
}
TEST(WakeCallerMutantTest, NoProcessWideFenceWhereThePublisherAsksForItIsCaught) {
  ExpectCaught<Park<2, kSays>>(WakeBug::kNoProcessWideFence, "no barrier, as publisher says");
}
TEST(WakeCallerMutantTest, LookAtThePublishersWordBeforeTheFenceIsCaught) {
  ExpectCaught<Park<3, kSays>>(WakeBug::kLooksBeforeFence, "word before the fence");
}
TEST(WakeCallerMutantTest, NoSecondLookIsCaught) {
  ExpectCaught<Park<1, kBoth>>(WakeBug::kNoSecondLook, "no second look");
}
TEST(WakeCallerMutantTest, ReadOfTheFutexWordAfterTheSecondLookIsCaught) {
  ExpectCaught<Park<1, kBoth>>(WakeBug::kReadAfterSecondLook, "read after second look");
}
// The publisher may still be about to look for a parcel that was taken already: its answer then
// comes before the read, and its next parcel finds that generation answered.
TEST(WakeCallerMutantTest, ReadOfTheFutexWordAfterArmingIsCaught) {
  ExpectCaught<Park<2, kBoth>>(WakeBug::kReadAfterArming, "read after arming");
}
TEST(WakeCallerMutantTest, WakingOneThreadIsCaught) {
  ExpectCaught<ParkTwoThreads<kBoth>>(WakeBug::kWakeOneThread, "wake one thread");
}
TEST(WakeCallerMutantTest, DisarmingForAllIsCaught) {
  ExpectCaught<ParkTwoThreads<kBoth>>(WakeBug::kFirstDisarmsForAll, "first disarms for all");
}
TEST(WakeCallerMutantTest, ThresholdAfterArmingIsCaught) {
  ExpectCaught<Trap<2, 2, kBoth>>(WakeBug::kThresholdAfterArming, "threshold after arming");
}

}  // namespace
}  // namespace ringway::model
