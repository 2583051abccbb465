// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

#include "driver_linux/transport.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "driver_linux/test_support.h"

namespace ringway::driver::testing {
namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr size_t kLargeBytes = size_t{8} << 20;
constexpr size_t kHugeBytes = size_t{32} << 20;
#else
constexpr size_t kLargeBytes = size_t{256} << 20;
constexpr size_t kHugeBytes = size_t{1} << 30;
#endif

class TransportTest : public TransportFixture, public ::testing::WithParamInterface<BackEnd> {
 protected:
  TransportTest() : TransportFixture(GetParam()) {}
};

void Activate(Pair* pair) {
  ASSERT_EQ(pair->first.Activate(), IPCZ_RESULT_OK);
  ASSERT_EQ(pair->second.Activate(), IPCZ_RESULT_OK);
}

TEST_P(TransportTest, DeliversInOrderFromManyThreads) {
  Pair pair;
  Activate(&pair);
  std::vector<std::thread> threads;
  for (char name : {'a', 'b', 'c'}) {
    threads.emplace_back([&pair, name] {
      for (int i = 0; i < 2000; ++i) {
        EXPECT_EQ(pair.first.Send(name + std::to_string(i)), IPCZ_RESULT_OK);
      }
    });
  }
  int next[3] = {};
  for (int i = 0; i < 6000; ++i) {
    const std::string data = NextData(&pair.second);
    ASSERT_EQ(data.substr(1), std::to_string(next[data[0] - 'a']++));
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_P(TransportTest, DeliversEmptyMessages) {
  Pair pair;
  Activate(&pair);
  ASSERT_EQ(pair.first.Send(""), IPCZ_RESULT_OK);
  ASSERT_EQ(pair.first.Send("", {MakeFileWith("f")}), IPCZ_RESULT_OK);
  Engine::Message message;
  ASSERT_TRUE(pair.second.WaitForMessage(&message));
  EXPECT_TRUE(message.data.empty() && message.handles.empty());
  ASSERT_TRUE(pair.second.WaitForMessage(&message));
  EXPECT_TRUE(message.data.empty());
  ASSERT_EQ(message.handles.size(), 1u);
  EXPECT_EQ(ReadFile(message.handles[0]), "f");
}

// Behind more than sockets and lanes hold.
void ExchangeAtOnce(size_t num_bytes) {
  constexpr size_t kFillCount = 40;
  const std::string fill = Pattern(64 << 10, 3);
  Pair pair;
  std::atomic<bool> goes_on{false};
  pair.second.set_on_message([&](const Engine::Message&) {
    while (!goes_on) std::this_thread::yield();
    return IPCZ_RESULT_OK;
  });
  Activate(&pair);
  ASSERT_EQ(pair.first.Send("hold"), IPCZ_RESULT_OK);
  for (size_t i = 0; i < kFillCount; ++i) {
    ASSERT_EQ(pair.first.Send(fill), IPCZ_RESULT_OK);
    ASSERT_EQ(pair.second.Send(fill), IPCZ_RESULT_OK);
  }
  const std::string there = Pattern(num_bytes, 1);
  const std::string back = Pattern(num_bytes, 2);
  std::thread other([&] { EXPECT_EQ(pair.second.Send(back), IPCZ_RESULT_OK); });
  ASSERT_EQ(pair.first.Send(there), IPCZ_RESULT_OK);
  other.join();
  ASSERT_EQ(pair.first.Send("after"), IPCZ_RESULT_OK);
  goes_on = true;
  EXPECT_EQ(NextData(&pair.second), "hold");
  for (size_t i = 0; i < kFillCount; ++i) {
    EXPECT_TRUE(NextData(&pair.second) == fill);
    EXPECT_TRUE(NextData(&pair.first) == fill);
  }
  EXPECT_TRUE(NextData(&pair.second) == there);
  EXPECT_TRUE(NextData(&pair.first) == back);
  EXPECT_EQ(NextData(&pair.second), "after");
}

TEST_P(TransportTest, LargeMessagesBothWaysThroughAFullTransportAreExact) {
  ExchangeAtOnce(size_t{2} << 20);
  ExchangeAtOnce(size_t{16} << 20);
}

TEST(HugeMessageTest, BothWaysThroughAFullTransportAreExact) {
  for (const BackEnd back_end : {BackEnd::kSocket, BackEnd::kAuto}) {
    UseReactor(back_end);
    ExchangeAtOnce(kLargeBytes);
    EXPECT_EQ(Statistics().back_end == RINGWAY_DRIVER_BACK_END_SOCKET,
              back_end == BackEnd::kSocket);
  }
}

// Looks at the message where it lies, as a copy of it would take longer than everything else.
IpczResult CheckHugeMessage(IpczHandle result, const void* data, size_t num_bytes,
                            const IpczDriverHandle*, size_t, IpczTransportActivityFlags flags,
                            const void*) {
  const auto* bytes = static_cast<const char*>(data);
  if (flags == IPCZ_NO_FLAGS) {
    const bool is_exact = num_bytes == kHugeBytes &&
                          std::string_view(bytes, num_bytes).find_first_not_of('x') == SIZE_MAX;
    *reinterpret_cast<std::atomic<int>*>(result) = is_exact ? 1 : 2;
  } else {
    *reinterpret_cast<std::atomic<int>*>(result) = 3;
  }
  return IPCZ_RESULT_OK;
}

TEST(HugeMessageTest, ArrivesAsOne) {
  Pair pair;
  std::atomic<int> result{0};
  const IpczDriverHandle receiver = pair.second.transport();
  ASSERT_EQ(Driver().ActivateTransport(receiver, reinterpret_cast<IpczHandle>(&result),
                                       &CheckHugeMessage, 0, nullptr),
            IPCZ_RESULT_OK);
  ASSERT_EQ(pair.first.Activate(), IPCZ_RESULT_OK);
  ASSERT_EQ(pair.first.Send(std::string(kHugeBytes, 'x')), IPCZ_RESULT_OK);
  while (result == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(result, 1);
  ASSERT_EQ(Driver().DeactivateTransport(receiver, 0, nullptr), IPCZ_RESULT_OK);
  EXPECT_TRUE(Eventually([&] { return result == 3; }));
}

TEST_P(TransportTest, AThousandHandlesArriveInOneMessage) {
  rlimit limit;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit raised = {limit.rlim_max, limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &raised), 0);
  Pair pair;
  Activate(&pair);
  // By the way that messages go once memory is exchanged.
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(pair.first.Send("x"), IPCZ_RESULT_OK);
    ASSERT_EQ(NextData(&pair.second), "x");
  }
  std::vector<IpczDriverHandle> files;
  for (int i = 0; i < 1000; ++i) files.push_back(MakeFileWith(std::to_string(i)));
  ASSERT_EQ(pair.first.Send("many", files), IPCZ_RESULT_OK);
  ASSERT_EQ(pair.first.Send("next"), IPCZ_RESULT_OK);
  Engine::Message message;
  ASSERT_TRUE(pair.second.WaitForMessage(&message));
  EXPECT_EQ(message.data, "many");
  ASSERT_EQ(message.handles.size(), 1000u);
  for (size_t i = 0; i < 1000; ++i) ASSERT_EQ(ReadFile(message.handles[i]), std::to_string(i));
  EXPECT_EQ(NextData(&pair.second), "next");
  setrlimit(RLIMIT_NOFILE, &limit);
}

TEST_P(TransportTest, WhatIsTransmittedBeforeActivationArrives) {
  Pair pair;
  // More than the socket holds.
  const std::string large = Pattern(2 << 20, 1);
  ASSERT_EQ(pair.first.Send("first", {MakeFileWith("f")}), IPCZ_RESULT_OK);
  ASSERT_EQ(pair.first.Send(large), IPCZ_RESULT_OK);
  ASSERT_EQ(pair.first.Send("last"), IPCZ_RESULT_OK);
  Activate(&pair);
  ASSERT_EQ(pair.first.Send("active"), IPCZ_RESULT_OK);
  EXPECT_EQ(NextData(&pair.second), "first");
  EXPECT_TRUE(NextData(&pair.second) == large);
  EXPECT_EQ(NextData(&pair.second), "last");
  EXPECT_EQ(NextData(&pair.second), "active");
}

TEST_P(TransportTest, WhatIsTransmittedBeforeClosingArrives) {
  for (const bool active : {true, false}) {
    Pair pair;
    const std::string large = Pattern(3 << 20, 1);
    ASSERT_TRUE(!active || pair.first.Activate() == IPCZ_RESULT_OK);
    ASSERT_EQ(pair.first.Send(large), IPCZ_RESULT_OK);
    ASSERT_EQ(pair.first.Send("last"), IPCZ_RESULT_OK);
    Close(pair.first.Release());
    ASSERT_EQ(pair.second.Activate(), IPCZ_RESULT_OK);
    EXPECT_TRUE(NextData(&pair.second) == large);
    EXPECT_EQ(NextData(&pair.second), "last");
    EXPECT_TRUE(pair.second.WaitForError());
  }
}

TEST_P(TransportTest, TransmitsFromWithinTheHandler) {
  Pair pair;
  pair.second.set_on_message(
      [&](const Engine::Message& message) { return pair.second.Send("re: " + message.data); });
  Activate(&pair);
  ASSERT_EQ(pair.first.Send("subject"), IPCZ_RESULT_OK);
  EXPECT_EQ(NextData(&pair.first), "re: subject");
}

TEST_P(TransportTest, HandlerCallsExcludeEachOther) {
  Pair pair;
  std::atomic<int> inside{0};
  std::atomic<int> overlaps{0};
  const auto enter = [&](const Engine::Message&) {
    if (inside++ != 0) ++overlaps;
    std::this_thread::yield();
    --inside;
    return IPCZ_RESULT_OK;
  };
  pair.second.set_on_message(enter);
  pair.second.set_on_deactivated([&] { enter({}); });
  Activate(&pair);
  for (int i = 0; i < 1000; ++i) pair.first.Send("x");
  pair.second.Deactivate();
  EXPECT_TRUE(pair.second.WaitForDeactivated());
  EXPECT_EQ(overlaps, 0);
}

TEST_P(TransportTest, ARefusedMessageEndsTheReading) {
  Pair pair;
  pair.second.set_on_message([](const Engine::Message& message) {
    if (message.data == "fine") return IPCZ_RESULT_OK;
    return message.data == "whatever" ? IPCZ_RESULT_UNIMPLEMENTED : IPCZ_RESULT_INVALID_ARGUMENT;
  });
  Activate(&pair);
  for (const char* data : {"fine", "whatever", "bad", "fine"}) pair.first.Send(data);
  EXPECT_TRUE(pair.second.WaitForError());
  for (const char* data : {"fine", "whatever", "bad"}) EXPECT_EQ(NextData(&pair.second), data);
  EXPECT_TRUE(pair.first.WaitForError());
  pair.second.Deactivate();
  EXPECT_TRUE(pair.second.WaitForDeactivated());
  Engine::Message message;
  EXPECT_FALSE(pair.second.WaitForMessage(&message, std::chrono::seconds(0)));
  EXPECT_EQ(pair.second.error_count(), 1u);
}

TEST_P(TransportTest, AlwaysSaysDeactivatedExactlyOnce) {
  // By another thread, twice.
  {
    Pair pair;
    Activate(&pair);
    EXPECT_EQ(pair.first.Deactivate(), IPCZ_RESULT_OK);
    EXPECT_EQ(pair.first.Deactivate(), IPCZ_RESULT_OK);
    EXPECT_TRUE(pair.first.WaitForDeactivated());
    // The peer is told, and transmissions fail now.
    EXPECT_TRUE(pair.second.WaitForError());
    const IpczDriverHandle file = MakeFile();
    EXPECT_NE(pair.first.Send("late", {file}), IPCZ_RESULT_OK);
    EXPECT_EQ(Close(file), IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(pair.first.deactivated_count(), 1u);
    EXPECT_EQ(pair.first.error_count(), 0u);
    EXPECT_EQ(pair.first.call_after_end_count(), 0u);
  }
  // From within its own handler, for a message, and for an error.
  for (const bool for_error : {false, true}) {
    Pair pair;
    const auto deactivate = [&] { EXPECT_EQ(pair.first.Deactivate(), IPCZ_RESULT_OK); };
    if (for_error) pair.first.set_on_error(deactivate);
    pair.first.set_on_message([&](const Engine::Message&) {
      if (!for_error) deactivate();
      return IPCZ_RESULT_OK;
    });
    Activate(&pair);
    pair.second.Send("x");
    pair.second.Send("y");
    if (for_error) pair.second.Deactivate();
    EXPECT_TRUE(pair.first.WaitForDeactivated());
    EXPECT_EQ(pair.first.deactivated_count(), 1u);
    EXPECT_EQ(pair.first.error_count(), for_error ? 1u : 0u);
  }
  // By closing it without any ado.
  {
    Pair pair;
    Activate(&pair);
    Close(pair.first.Release());
    EXPECT_TRUE(pair.first.WaitForDeactivated());
    EXPECT_TRUE(pair.second.WaitForError());
  }
}

TEST_P(TransportTest, MayBeClosedInsideTheLastCall) {
  for (int round = 0; round < 50; ++round) {
    Pair pair;
    pair.first.set_on_deactivated([&] { EXPECT_EQ(Close(pair.first.Release()), IPCZ_RESULT_OK); });
    Activate(&pair);
    EXPECT_EQ(pair.first.Deactivate(), IPCZ_RESULT_OK);
    EXPECT_TRUE(pair.first.WaitForDeactivated());
  }
}

TEST_P(TransportTest, ClosingWhatWasNeverActivatedTellsThePeer) {
  Pair pair;
  ASSERT_EQ(pair.first.Activate(), IPCZ_RESULT_OK);
  Close(pair.second.Release());
  EXPECT_TRUE(pair.first.WaitForError());
}

TEST_P(TransportTest, CountsNothingThatCannotBeSent) {
  Pair pair;
  Close(pair.second.Release());
  const RingwayDriverStatistics before = Statistics();
  EXPECT_EQ(pair.first.Send("to nobody"), IPCZ_RESULT_UNAVAILABLE);
  const RingwayDriverStatistics after = Statistics();
  EXPECT_EQ(after.messages_sent, before.messages_sent);
  EXPECT_EQ(after.channel_messages_sent, before.channel_messages_sent);
}

TEST_P(TransportTest, RefusesToBeUsedInTheWrongState) {
  Pair pair;
  EXPECT_EQ(pair.first.Deactivate(), IPCZ_RESULT_FAILED_PRECONDITION);
  Activate(&pair);
  EXPECT_EQ(pair.first.Activate(), IPCZ_RESULT_FAILED_PRECONDITION);
  int fd;
  EXPECT_EQ(RingwayLinuxTransportToFd(pair.first.transport(), &fd),
            IPCZ_RESULT_FAILED_PRECONDITION);
}

INSTANTIATE_TEST_SUITE_P(BackEnds, TransportTest, ::testing::ValuesIn(kBackEnds), NameOf);

}  // namespace
}  // namespace ringway::driver::testing
