// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/harness/roles.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>

#include "bench/harness/clock.h"
#include "bench/harness/fail.h"
#include "bench/harness/shared.h"

namespace ringway::bench {
namespace {

constexpr uint64_t kLongNs = 60'000'000'000;

TEST(RunRolesTest, RunsEachRoleInAProcessOfItsOwn) {
  const Shared<std::array<std::atomic<pid_t>, 2>> pids;
  const auto role = [&](size_t index) {
    return [&, index] {
      (*pids)[index] = getpid();
      Meet();
      if ((*pids)[1 - index] == 0) Fail("met alone");
    };
  };
  EXPECT_EQ(RunRoles({role(0), role(1)}, kLongNs), "");
  EXPECT_NE((*pids)[0], (*pids)[1]);
  EXPECT_NE((*pids)[0], getpid());
}

TEST(RunRolesTest, ReportsWhatARoleSaysAndEndsTheOther) {
  const Role fail = [] { Fail("this went wrong"); };
  const Role wait = [] { Meet(); };
  const uint64_t start_ns = MonotonicNs();
  EXPECT_EQ(RunRoles({wait, fail}, kLongNs), "process 1: this went wrong");
  EXPECT_LT(MonotonicNs() - start_ns, kLongNs / 2);
}

TEST(RunRolesTest, ReportsADeadRole) {
  const Role die = [] { raise(SIGKILL); };
  const Role wait = [] { Meet(); };
  EXPECT_EQ(RunRoles({die, wait}, kLongNs), "process 0: died: Killed");
}

TEST(RunRolesTest, ReportsATimeout) {
  int ticks = 0;
  const Role hang = [] { pause(); };
  EXPECT_EQ(RunRoles({hang}, 300'000'000, [&] { ++ticks; }), "no end after 300 ms");
  EXPECT_GE(ticks, 1);
}

}  // namespace
}  // namespace ringway::bench
