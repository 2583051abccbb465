// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/epoll_poller.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <set>
#include <vector>

#include "driver_linux/io_uring_poller.h"

namespace ringway::driver {
namespace {

using Create = OsResult<std::unique_ptr<Poller>> (*)(Statistics*);

// What the reactor relies on, of every back end.
class PollerTest : public ::testing::TestWithParam<Create> {
 protected:
  PollerTest() {
    OsResult<std::unique_ptr<Poller>> poller = GetParam()(&statistics_);
    if (poller.ok()) poller_ = std::move(*poller);
    int raw[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, raw), 0);
    near_.Reset(raw[0]);
    far_.Reset(raw[1]);
  }

  void SetUp() override { ASSERT_NE(poller_, nullptr); }

  // All that is reported within a little while.
  std::vector<Poller::Event> Wait(int64_t timeout_ns = 20'000'000) {
    std::array<Poller::Event, 8> events;
    const int count = poller_->Wait(events, timeout_ns);
    EXPECT_GE(count, 0);
    return {events.begin(), events.begin() + std::max(count, 0)};
  }

  Statistics statistics_;
  std::unique_ptr<Poller> poller_;
  UniqueFd near_;
  UniqueFd far_;
};

TEST_P(PollerTest, ReportsReadinessForAsLongAsItLasts) {
  ASSERT_TRUE(poller_->Add(5, near_.get(), POLLIN));
  EXPECT_TRUE(Wait().empty());
  ASSERT_EQ(write(far_.get(), "x", 1), 1);
  for (int i = 0; i < 3; ++i) {
    const std::vector<Poller::Event> events = Wait();
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].token, 5u);
    EXPECT_EQ(events[0].events, uint32_t{POLLIN});
  }
  char byte;
  ASSERT_EQ(read(near_.get(), &byte, 1), 1);
  EXPECT_TRUE(Wait().empty());
}

TEST_P(PollerTest, ReportsTheEndOfThePeer) {
  ASSERT_TRUE(poller_->Add(5, near_.get(), POLLIN | POLLRDHUP));
  far_.Reset();
  const std::vector<Poller::Event> events = Wait();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_NE(events[0].events & POLLHUP, 0u);
  EXPECT_NE(events[0].events & POLLRDHUP, 0u);
}

TEST_P(PollerTest, ReportsNothingOfWhatWasRemoved) {
  ASSERT_TRUE(poller_->Add(5, near_.get(), POLLIN));
  EXPECT_TRUE(Wait(0).empty());
  ASSERT_EQ(write(far_.get(), "x", 1), 1);
  poller_->Remove(5, near_.get());
  EXPECT_TRUE(Wait().empty());
  // The same descriptor under another token.
  ASSERT_TRUE(poller_->Add(6, near_.get(), POLLIN | POLLOUT));
  const std::vector<Poller::Event> events = Wait();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].token, 6u);
  EXPECT_EQ(events[0].events, uint32_t{POLLIN | POLLOUT});
}

TEST_P(PollerTest, HandsOutMoreEventsThanFitOneByOne) {
  std::vector<UniqueFd> writable;
  for (uint64_t i = 0; i < 200; ++i) {
    writable.emplace_back(dup(near_.get()));
    ASSERT_TRUE(poller_->Add(10 + i, writable.back().get(), POLLOUT));
  }
  std::set<uint64_t> seen;
  for (int turn = 0; turn < 200 && seen.size() < 200; ++turn) {
    for (const Poller::Event& event : Wait()) {
      EXPECT_TRUE(seen.insert(event.token).second);
      poller_->Remove(event.token, writable[event.token - 10].get());
    }
  }
  EXPECT_EQ(seen.size(), 200u);
  EXPECT_TRUE(Wait().empty());
}

TEST_P(PollerTest, WaitsNoLongerThanAsked) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(Wait(30'000'000).empty());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST_P(PollerTest, CostsOneSystemCallATurn) {
  ASSERT_TRUE(poller_->Add(5, near_.get(), POLLIN));
  ASSERT_EQ(write(far_.get(), "x", 1), 1);
  const uint64_t before = statistics_.system_calls.Get();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Wait().size(), 1u);
  EXPECT_EQ(statistics_.system_calls.Get() - before, 10u);
}

OsResult<std::unique_ptr<Poller>> CreateIoUring(Statistics* statistics) {
  return IoUringPoller::Create(statistics, true, 0);
}

INSTANTIATE_TEST_SUITE_P(BackEnds, PollerTest,
                         ::testing::Values(&EpollPoller::Create, &CreateIoUring),
                         [](const auto& info) { return info.index == 0 ? "Epoll" : "IoUring"; });

}  // namespace
}  // namespace ringway::driver
