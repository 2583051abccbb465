// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Built once for each mistake that ring/lane_writer.h can be built with (-D RW_MUTANT_...), and
// once without any for the mistakes of callers: some image must be bad, or crash_image_test proves
// nothing.

#include <gtest/gtest.h>

#include <cstdio>

#include "tests/crash/script.h"
#include "tests/crash/stepper.h"

namespace ringway::crash {
namespace {

constexpr uint64_t kImagesMax = 50'000;

void ExpectCaught(const char* name) {
  const StepResult result = Step(RunScript, 1, kImagesMax);
  std::printf("%s: %s\n", name, result.first_bad.c_str());
  EXPECT_GT(result.bad, 0u) << name << " survives " << result.images << " images";
}

#if defined(RW_MUTANT_NAME)

TEST(CrashMutantTest, IsCaught) { ExpectCaught(RW_MUTANT_NAME); }

#else

struct Mistake {
  const char* name;
  CallerBug bug;
};
void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.name; }

class CrashCallerMutantTest : public testing::TestWithParam<Mistake> {};

TEST_P(CrashCallerMutantTest, IsCaught) {
  caller_bug = GetParam().bug;
  ExpectCaught(GetParam().name);
}

INSTANTIATE_TEST_SUITE_P(
    Mistake, CrashCallerMutantTest,
    testing::Values(Mistake{"CountAfterCommit", CallerBug::kCountAfterCommit},
                    Mistake{"ReleaseBeforeCount", CallerBug::kReleaseBeforeCount},
                    Mistake{"FirstLaneEarly", CallerBug::kFirstLaneEarly},
                    Mistake{"GrowBeforeReady", CallerBug::kGrowBeforeReady},
                    Mistake{"AnswerBeforeCommit", CallerBug::kAnswerBeforeCommit},
                    Mistake{"ThresholdAfterArming", CallerBug::kThresholdAfterArming}),
    [](const testing::TestParamInfo<Mistake>& info) { return std::string(info.param.name); });

#endif

}  // namespace
}  // namespace ringway::crash
