// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Built once for each mistake that ring/wake.h and publisher_fence.h can be built with (-D
// RW_MUTANT_...): Relacy must find it, or wake_model_test proves nothing.

#include <gtest/gtest.h>

#include "tests/model/wake_scenarios.h"

namespace ringway::model {
namespace {

template <class Scenario>
bool Finds(const char* name) {
  return Explore<Scenario>(name, Preemptions(3), true).found_bug();
}

TEST(WakeMutantTest, IsCaught) {
  std::printf("mutant: %s\n", RW_MUTANT_NAME);
  constexpr Fences kBoth = Fences::kBothSides;
  const bool caught = Finds<Trap<2, 2, kBoth>>("Trap for 2 of 2") ||
                      Finds<Park<2, kBoth>>("Park twice") ||
                      Finds<ParkBesideTrap<1, kBoth>>("Park beside a trap") ||
                      Finds<Park<3, Fences::kAsPublisherSays>>("Park, as publisher says") ||
                      Finds<ParkBesideTrap<2, Fences::kAsPublisherSays>>("Park beside a trap");
  EXPECT_TRUE(caught) << RW_MUTANT_NAME << " survives";
}

}  // namespace
}  // namespace ringway::model
