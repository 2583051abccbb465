// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/io_uring_poller.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "driver_linux/test_support.h"

// What all pollers have in common is tested in epoll_poller_test.cc.

namespace ringway::driver::testing {
namespace {

TEST(IoUringPollerTest, IsNotCreatedWhereTheKernelRefuses) {
  for (const int error : {EPERM, ENOSYS}) {
    EXPECT_EQ(RunInChild([error] {
                RefuseSystemCalls({SYS_io_uring_setup}, error);
                driver::Statistics statistics;
                const auto poller = IoUringPoller::Create(&statistics, true, 0);
                return !poller.ok() && poller.error().number == error ? 0 : 1;
              }),
              0);
  }
}

TEST(IoUringPollerTest, SaysWhenItWasTakenAway) {
  for (const int error : {EPERM, ENOSYS}) {
    EXPECT_EQ(RunInChild([error] {
                driver::Statistics statistics;
                auto poller = IoUringPoller::Create(&statistics, true, 0);
                if (!poller.ok()) return 1;
                RefuseSystemCalls({SYS_io_uring_enter}, error);
                std::array<Poller::Event, 4> events;
                (*poller)->Add(2, STDIN_FILENO, POLLIN);
                return (*poller)->Wait(events, 0) == -error ? 0 : 2;
              }),
              0);
  }
}

TEST(IoUringPollerTest, LooksWithoutSystemCallsWhileNothingHappens) {
  int raw[2];
  ASSERT_EQ(pipe(raw), 0);
  const UniqueFd reader(raw[0]), writer(raw[1]);
  driver::Statistics statistics;
  auto poller = IoUringPoller::Create(&statistics, true, 0);
  ASSERT_TRUE(poller.ok());
  std::array<Poller::Event, 4> events;
  ASSERT_TRUE((*poller)->Add(2, reader.get(), POLLIN));
  EXPECT_EQ((*poller)->Wait(events, 0), 0);
  const uint64_t before = statistics.system_calls.Get();
  for (int i = 0; i < 1000; ++i) ASSERT_EQ((*poller)->Wait(events, 0), 0);
  EXPECT_EQ(statistics.system_calls.Get(), before);
  ASSERT_EQ(write(writer.get(), "x", 1), 1);
  int count = 0;
  EXPECT_TRUE(Eventually([&] { return (count = (*poller)->Wait(events, 0)) != 0; }));
  ASSERT_EQ(count, 1);
  EXPECT_EQ(events[0].token, 2u);
}

}  // namespace
}  // namespace ringway::driver::testing
