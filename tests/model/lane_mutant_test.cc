// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Built once for each mistake that ring/lane_*.h can be built with (-D RW_MUTANT_...): Relacy must
// find it, or lane_model_test proves nothing.

#include <gtest/gtest.h>

#include "tests/model/lane_scenarios.h"

namespace ringway::model {
namespace {

template <class Scenario>
bool Finds(const char* name) {
  return Explore<Scenario>(name, kEverything, true).found_bug();
}

TEST(LaneMutantTest, IsCaught) {
  std::printf("mutant: %s\n", RW_MUTANT_NAME);
  int caught = 0;
  caught += Finds<PushPop>("PushPop");
  caught += Finds<WrapExactly>("WrapExactly");
  caught += Finds<WrapWithPad>("WrapWithPad");
  caught += Finds<Reclaim>("Reclaim");
  caught += Finds<Batch>("Batch");
  caught += Finds<Grow>("Grow");
  EXPECT_GT(caught, 0) << RW_MUTANT_NAME << " survives";
}

}  // namespace
}  // namespace ringway::model
