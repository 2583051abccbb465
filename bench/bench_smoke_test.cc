// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Runs every case for a moment, but for those that take long and are like a shorter one: each path
// must carry every message unharmed. Nothing here is timed.

#include <ctype.h>
#include <gtest/gtest.h>

#include <string>

#include "bench/arguments.h"
#include "bench/cases.h"
#include "bench/select.h"

namespace ringway::bench {
namespace {

class BenchSmokeTest : public testing::TestWithParam<Case> {};

TEST_P(BenchSmokeTest, CarriesItsMessages) {
  const Outcome outcome = GetParam().run({.measure_ns = 2'000'000});
  EXPECT_EQ(outcome.error, "");
  EXPECT_GT(outcome.measurement.items, 0u);
}

std::string TestName(const testing::TestParamInfo<Case>& tested) {
  std::string name = tested.param.name;
  for (char& letter : name) {
    if (!isalnum(static_cast<unsigned char>(letter))) letter = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(AllCases, BenchSmokeTest,
                         testing::ValuesIn(SelectCases(AllCases(), ParseArguments({}).arguments)),
                         TestName);

}  // namespace
}  // namespace ringway::bench
