// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/harness/cpu_shares.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "bench/harness/clock.h"
#include "bench/harness/roles.h"

namespace ringway::bench {
namespace {

TEST(CpuWatchTest, SeesItsOwnRoles) {
  const CpuWatch watch;
  const Role work = [] {
    while (CpuNs() < 100'000'000) {
    }
  };
  ASSERT_EQ(RunRoles({work}, 60'000'000'000), "");
  const CpuShares shares = watch.Shares();
  EXPECT_GT(shares.own, 0);
  EXPECT_LE(shares.own + shares.others + shares.stolen, 1.2);  // the kernel counts in whole clocks
}

TEST(CpuWatchTest, IsPrintedInPercent) {
  EXPECT_EQ(FormatCpuShares({.own = 0.614, .others = 0.12, .stolen = 0.026}),
            "this run used 61% of the CPUs, others 12%, the hypervisor 3%");
}

}  // namespace
}  // namespace ringway::bench
