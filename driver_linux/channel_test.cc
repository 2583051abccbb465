// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/channel.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "driver_linux/process.h"
#include "driver_linux/test_support.h"

namespace ringway::driver::testing {
namespace {

class ChannelTest : public TransportFixture, public ::testing::WithParamInterface<BackEnd> {
 protected:
  ChannelTest() : TransportFixture(GetParam()) {
    EXPECT_EQ(pair_.first.Activate(), IPCZ_RESULT_OK);
    EXPECT_EQ(pair_.second.Activate(), IPCZ_RESULT_OK);
  }

  // Messages both ways until they go through channels.
  void Open() {
    const uint64_t before = Statistics().channel_messages_sent;
    ASSERT_TRUE(Eventually([&] {
      EXPECT_EQ(pair_.first.Send("there"), IPCZ_RESULT_OK);
      EXPECT_EQ(NextData(&pair_.second), "there");
      EXPECT_EQ(pair_.second.Send("back"), IPCZ_RESULT_OK);
      EXPECT_EQ(NextData(&pair_.first), "back");
      return Statistics().channel_messages_sent >= before + 4;
    }));
  }

  Pair pair_;
};

TEST_P(ChannelTest, CarriesMessagesOfAllSizesInOrder) {
  Open();
  const uint64_t before = Statistics().channel_messages_sent;
  std::vector<size_t> sizes = {0, 1, 7, 8, 4080, 4081, 16384, 100'000, 3 << 20, 0, 5};
  for (size_t i = 0; i < sizes.size(); ++i) {
    ASSERT_EQ(pair_.first.Send(Pattern(sizes[i], i)), IPCZ_RESULT_OK);
  }
  for (size_t i = 0; i < sizes.size(); ++i) {
    EXPECT_TRUE(NextData(&pair_.second) == Pattern(sizes[i], i)) << i;
  }
  EXPECT_EQ(Statistics().channel_messages_sent - before, sizes.size());
}

TEST_P(ChannelTest, HandlesKeepTheirPlace) {
  Open();
  constexpr int kRounds = 300;
  std::thread sender([&] {
    for (int i = 0; i < kRounds; ++i) {
      std::vector<IpczDriverHandle> files;
      for (int k = 0; k < i % 3; ++k) files.push_back(MakeFileWith(std::to_string(i + k)));
      EXPECT_EQ(pair_.first.Send(Pattern(i % 7 == 0 ? 50'000 : 16, i), files), IPCZ_RESULT_OK);
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    Engine::Message message;
    ASSERT_TRUE(pair_.second.WaitForMessage(&message));
    EXPECT_TRUE(message.data == Pattern(i % 7 == 0 ? 50'000 : 16, i)) << i;
    ASSERT_EQ(message.handles.size(), static_cast<size_t>(i % 3)) << i;
    for (int k = 0; k < i % 3; ++k) EXPECT_EQ(ReadFile(message.handles[k]), std::to_string(i + k));
  }
  sender.join();
}

// Whoever is asleep is woken, and by one wake for each sleep.
TEST_P(ChannelTest, WakesWhoSleepsAndNobodyElse) {
  Open();
  const RingwayDriverStatistics before = Statistics();
  constexpr uint64_t kRounds = 2000;
  for (uint64_t i = 0; i < kRounds; ++i) {
    Engine& from = i % 2 == 0 ? pair_.first : pair_.second;
    Engine& to = i % 2 == 0 ? pair_.second : pair_.first;
    // Long enough that the reactor sleeps now and then.
    if (i % 16 == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
    ASSERT_EQ(from.Send(std::to_string(i)), IPCZ_RESULT_OK);
    ASSERT_EQ(NextData(&to), std::to_string(i));
  }
  const RingwayDriverStatistics after = Statistics();
  EXPECT_GT(after.wakes_sent, before.wakes_sent);
  EXPECT_LE(after.wakes_sent - before.wakes_sent, kRounds);
  EXPECT_EQ(after.wakes_sent - before.wakes_sent + after.wakes_suppressed - before.wakes_suppressed,
            kRounds);
}

// Whoever wakes many in one turn of its reactor enters the kernel once for all of them.
TEST(ChannelWakesTest, OneSubmissionWakes64SleepingPeers) {
  EXPECT_EQ(RunInChild([] {
              constexpr size_t kPeers = 64;
              UseReactor(BackEnd::kIoUringFutex);
              CurrentProcess().options.upgrade_after = 0;
              Pair trigger;
              std::vector<std::unique_ptr<Pair>> pairs;
              std::atomic<size_t> received{0};
              for (size_t i = 0; i < kPeers; ++i) {
                pairs.push_back(std::make_unique<Pair>());
                pairs.back()->second.set_on_message([&](const Engine::Message&) {
                  ++received;
                  return IPCZ_RESULT_OK;
                });
                if (pairs.back()->first.Activate() != IPCZ_RESULT_OK) return 1;
                if (pairs.back()->second.Activate() != IPCZ_RESULT_OK) return 2;
              }
              trigger.second.set_on_message([&](const Engine::Message&) {
                for (const auto& pair : pairs) pair->first.Send("wake up");
                return IPCZ_RESULT_OK;
              });
              if (trigger.first.Activate() != IPCZ_RESULT_OK) return 3;
              if (trigger.second.Activate() != IPCZ_RESULT_OK) return 4;
              // Some round finds all of them asleep.
              const bool has_done = Eventually([&] {
                const RingwayDriverStatistics before = Statistics();
                received = 0;
                if (trigger.first.Send("go") != IPCZ_RESULT_OK) return false;
                if (!Eventually([&] { return received == kPeers; })) return false;
                const RingwayDriverStatistics after = Statistics();
                return after.wakes_sent - before.wakes_sent >= kPeers &&
                       after.system_calls - before.system_calls < kPeers / 2;
              });
              if (!has_done) return 5;
              return Statistics().back_end == RINGWAY_DRIVER_BACK_END_IO_URING_FUTEX ? 0 : 6;
            }),
            0);
}

INSTANTIATE_TEST_SUITE_P(BackEnds, ChannelTest,
                         ::testing::Values(BackEnd::kEpoll, BackEnd::kIoUring,
                                           BackEnd::kIoUringFutex, BackEnd::kFutex),
                         NameOf);

}  // namespace
}  // namespace ringway::driver::testing
