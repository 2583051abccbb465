// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Calls: what arrives, and what comes back.

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "tests/interface/calc.h"
#include "tests/interface/served_node.h"

namespace ringway::testing {
namespace {

class CallTest : public ::testing::TestWithParam<Place> {
 protected:
  ServedNode node_;
  CalcServer server_;
  Cap<Calc> calc_ = node_.Connect<Calc>(server_, GetParam());
};
INSTANTIATE_TEST_SUITE_P(, CallTest, RW_ALL_PLACES, PlaceName);

TEST_P(CallTest, CarriesArgumentsOutputsAndTheStatus) {
  int sum = 0;
  EXPECT_EQ(calc_.Call<Calc::Add>(2, 3, sum), 1);
  EXPECT_EQ(sum, 5);
  EXPECT_EQ(calc_.Call<Calc::Add>(-2, -3, sum), 2);
  EXPECT_EQ(sum, -5);
  uint32_t negated = 0;
  EXPECT_EQ(calc_.Call<Calc::Neg>(1u, &negated), 0);
  EXPECT_EQ(negated, UINT32_MAX);
}

TEST_P(CallTest, AnErrorLeavesOutputsUntouched) {
  int quotient = 5;
  EXPECT_EQ(calc_.Call<Calc::Divide>(1, 0, quotient), -RW_EINVAL);
  EXPECT_EQ(quotient, 5);
}

TEST_P(CallTest, SendOnlyHasNoReplyAndKeepsTheOrder) {
  EXPECT_EQ(calc_.Call<Calc::Reset>(100), 0);
  int sum = 0;
  EXPECT_EQ(calc_.Call<Calc::Add>(2, 3, sum), 101);
}

TEST_P(CallTest, ThreadsShareOneCapability) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 500; ++i) {
        int quotient = 0;
        ASSERT_EQ(calc_.Call<Calc::Divide>(thread * 1000 + i, 1, quotient), 0);
        ASSERT_EQ(quotient, thread * 1000 + i);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace ringway::testing
