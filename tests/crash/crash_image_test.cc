// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A producer and a consumer that die after every single instruction of put, batch, get, wrap,
// growth, end, arming and answering: what the other one finds in memory then is good. The
// production headers run step by step in a child; after each step the shared memory is copied, and
// a fresh reader reads all of the copy, from the head to the last byte, unless it equals the copy
// before.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "tests/crash/script.h"
#include "tests/crash/stepper.h"

namespace ringway::crash {
namespace {

// Set by the build: the long run has more.
constexpr uint64_t kImagesPerSeed = RW_CRASH_IMAGES / 5;

uint64_t images = 0;
uint64_t distinct = 0;

class CrashImageTest : public testing::TestWithParam<uint64_t> {
 protected:
  static void TearDownTestSuite() {
    std::printf("all seeds: %lu images after %lu instructions, %lu distinct\n", images, images,
                distinct);
  }
};

TEST_P(CrashImageTest, AllThatWasCommittedIsThereOnce) {
  const StepResult result = Step(RunScript, GetParam(), kImagesPerSeed);
  images += result.images;
  distinct += result.distinct;
  std::printf(
      "seed %lu: %lu images, %lu distinct, %lu operations (pads %lu, growths %lu, answers "
      "%lu, ends %lu), %lu bad\n",
      GetParam(), result.images, result.distinct, result.operations, result.padded, result.grown,
      result.answered, result.ended, result.bad);
  EXPECT_EQ(result.bad, 0u) << result.first_bad;
  EXPECT_GE(result.images, kImagesPerSeed);
  EXPECT_GT(result.distinct, result.images / 100);
  EXPECT_GT(std::min({result.padded, result.grown, result.answered, result.ended}), 0u);
}

INSTANTIATE_TEST_SUITE_P(Seed, CrashImageTest,
                         testing::Values(1, 1'000'000, 2'000'000, 3'000'000, 4'000'000));

}  // namespace
}  // namespace ringway::crash
