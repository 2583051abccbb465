// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/io_uring_poller.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <set>
#include <thread>

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

// More operations than there is room for, before and while the kernel's thread sleeps.
TEST(IoUringPollerTest, AThreadOfTheKernelsMaySubmit) {
  constexpr uint64_t kCount = 200;
  int raw[2];
  ASSERT_EQ(pipe(raw), 0);
  const UniqueFd reader(raw[0]), writer(raw[1]);
  driver::Statistics statistics;
  {
    auto poller = IoUringPoller::Create(&statistics, true, 1);
    ASSERT_TRUE(poller.ok());
    EXPECT_EQ(statistics.has_sqpoll.Get(), 1u);
    ASSERT_EQ(write(writer.get(), "x", 1), 1);
    std::array<Poller::Event, 8> events;
    std::set<uint64_t> seen;
    const auto sees = [&](size_t count) {
      return Eventually([&] {
        const int found = (*poller)->Wait(events, 10'000'000);
        EXPECT_GE(found, 0);
        for (int i = 0; i < found; ++i) seen.insert(events[static_cast<size_t>(i)].token);
        return found < 0 || seen.size() == count;
      });
    };
    for (uint64_t token = 2; token < kCount + 2; ++token) {
      ASSERT_TRUE((*poller)->Add(token, reader.get(), POLLIN));
    }
    EXPECT_TRUE(sees(kCount));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    std::atomic<uint32_t> word{1};
    ASSERT_TRUE((*poller)->AddWord(kCount + 2, &word, 1));
    word = 2;
    const std::atomic<uint32_t>* const woken[] = {&word};
    EXPECT_TRUE((*poller)->Wake(woken));
    EXPECT_TRUE(sees(kCount + 1));
  }
  EXPECT_EQ(statistics.has_sqpoll.Get(), 0u);
}

}  // namespace
}  // namespace ringway::driver::testing
