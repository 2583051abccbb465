// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// RingwayExtensions::Wait(): what it reports, how long it waits, and what ends it.

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <thread>

#include "tests/support/modes.h"
#include "tests/support/process.h"
#include "tests/support/shim_driver.h"

namespace ringway::testing {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr RingwayWaitMode kAdaptive = 0;
constexpr RingwayWaitMode kAllModes[] = {kAdaptive, RINGWAY_WAIT_MODE_POLL, RINGWAY_WAIT_MODE_PARK};

uint64_t DeadlineIn(Clock::duration time) {
  return static_cast<uint64_t>((Clock::now().time_since_epoch() + time).count());
}

RingwayWaitItem Item(IpczHandle portal, RingwayWaitFlags wanted = RINGWAY_WAIT_READABLE,
                     size_t below = SIZE_MAX) {
  return {portal, wanted, 0xff, below, below};
}

IpczResult WaitOne(RingwayWaitItem* item, RingwayWaitMode mode, uint64_t deadline) {
  return Extensions().Wait(item, 1, mode, deadline);
}

class WaitTest : public ModesTest {
 protected:
  // Does `change` while a thread waits for `item`, in each mode; what it got.
  void ExpectEnds(RingwayWaitItem item, RingwayWaitFlags satisfied,
                  const std::function<void()>& change, const std::function<void()>& undo) {
    for (const RingwayWaitMode mode : kAllModes) {
      SCOPED_TRACE(mode);
      IpczResult got = -1;
      RingwayWaitItem waited = item;
      std::thread waiter(
          [&] { got = WaitOne(&waited, mode, DeadlineIn(std::chrono::seconds(20))); });
      std::this_thread::sleep_for(milliseconds(5));
      change();
      waiter.join();
      EXPECT_EQ(got, IPCZ_RESULT_OK);
      EXPECT_EQ(waited.satisfied, satisfied);
      undo();
    }
  }

  // The result of a wait for `portal` during which `change` is made.
  static IpczResult WaitDuring(IpczHandle portal, RingwayWaitMode mode, milliseconds pause,
                               const std::function<void()>& change) {
    RingwayWaitItem item = Item(portal);
    IpczResult result = -1;
    std::thread waiter(
        [&] { result = WaitOne(&item, mode, DeadlineIn(std::chrono::seconds(20))); });
    std::this_thread::sleep_for(pause);
    change();
    waiter.join();
    return result;
  }

  // `attempt` cancels a wait. One that had not begun when the portal went finds no
  // portal, so the pause before grows until one had.
  static void ExpectCancels(RingwayWaitMode mode,
                            const std::function<IpczResult(milliseconds)>& attempt) {
    IpczResult result = IPCZ_RESULT_INVALID_ARGUMENT;
    for (auto pause = milliseconds(2);
         result == IPCZ_RESULT_INVALID_ARGUMENT && pause.count() < 4000; pause *= 2) {
      result = attempt(pause);
    }
    EXPECT_EQ(result, IPCZ_RESULT_CANCELLED) << "mode " << mode;
  }
};

TEST_P(WaitTest, RefusesBadArguments) {
  RingwayWaitItem items[2] = {Item(a_), Item(a_, IPCZ_FLAG_BIT(9))};
  EXPECT_EQ(Extensions().Wait(nullptr, 1, 0, 0), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Extensions().Wait(items, 0, 0, 0), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Extensions().Wait(items, 2, 0, 0), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Extensions().Wait(items, 1, RINGWAY_WAIT_MODE_POLL | RINGWAY_WAIT_MODE_PARK, 0),
            IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Extensions().Wait(items, 1, IPCZ_FLAG_BIT(5), 0), IPCZ_RESULT_INVALID_ARGUMENT);
  if (is_remote()) {
    RingwayWaitItem strangers[2] = {Item(a_), Item(b_)};
    EXPECT_EQ(Extensions().Wait(strangers, 2, 0, 0), IPCZ_RESULT_INVALID_ARGUMENT)
        << "portals of two nodes";
  }
}

TEST_P(WaitTest, ADeadlineOfZeroOnlyLooks) {
  for (const RingwayWaitMode mode : kAllModes) {
    RingwayWaitItem item = Item(b_);
    EXPECT_EQ(WaitOne(&item, mode, 0), IPCZ_RESULT_DEADLINE_EXCEEDED);
    EXPECT_EQ(item.satisfied, 0u);
  }
  ASSERT_EQ(Put(a_, "x"), IPCZ_RESULT_OK);
  ASSERT_TRUE(Eventually([&] { return Status(b_).num_local_parcels == 1; }));
  for (const RingwayWaitMode mode : kAllModes) {
    RingwayWaitItem item = Item(b_);
    EXPECT_EQ(WaitOne(&item, mode, 0), IPCZ_RESULT_OK);
    EXPECT_EQ(item.satisfied, RINGWAY_WAIT_READABLE);
  }
}

TEST_P(WaitTest, AShortDeadlineEndsInTimeAndNotBefore) {
  for (const RingwayWaitMode mode : kAllModes) {
    RingwayWaitItem item = Item(b_);
    const auto start = Clock::now();
    EXPECT_EQ(WaitOne(&item, mode, DeadlineIn(milliseconds(80))), IPCZ_RESULT_DEADLINE_EXCEEDED);
    EXPECT_GE(Clock::now() - start, milliseconds(80));
    EXPECT_EQ(WaitOne(&item, mode, DeadlineIn(-milliseconds(80))), IPCZ_RESULT_DEADLINE_EXCEEDED);
  }
}

TEST_P(WaitTest, AParcelEndsIt) {
  ExpectEnds(
      Item(b_), RINGWAY_WAIT_READABLE, [&] { Put(a_, "x"); }, [&] { Get(b_); });
}

TEST_P(WaitTest, ConsumptionEndsIt) {
  for (int i = 0; i < 4; ++i) ASSERT_EQ(Put(a_, "xx"), IPCZ_RESULT_OK);
  RingwayWaitItem writable = {a_, RINGWAY_WAIT_WRITABLE, 0, 3, SIZE_MAX};
  const auto consume = [&] {
    WaitGet(b_);
    std::this_thread::sleep_for(milliseconds(3));
    WaitGet(b_);
  };
  const auto refill = [&] {
    for (int i = 0; i < 2; ++i) Put(a_, "xx");
    Eventually([&] { return Status(a_).num_remote_parcels == 4; });
  };
  ExpectEnds(writable, RINGWAY_WAIT_WRITABLE, consume, refill);
  writable.max_remote_parcels = SIZE_MAX;
  writable.max_remote_bytes = 5;
  ExpectEnds(writable, RINGWAY_WAIT_WRITABLE, consume, refill);
}

TEST_P(WaitTest, ThePeersEndIsAlwaysReported) {
  for (const RingwayWaitFlags wanted :
       {RINGWAY_WAIT_PEER_CLOSED, RINGWAY_WAIT_READABLE, RingwayWaitFlags{0}}) {
    for (const RingwayWaitMode mode : kAllModes) {
      const auto [a, b] = Pair();
      RingwayWaitItem item = Item(b, wanted);
      IpczResult result = -1;
      std::thread waiter(
          [&] { result = WaitOne(&item, mode, DeadlineIn(std::chrono::seconds(20))); });
      std::this_thread::sleep_for(milliseconds(3));
      Close(a);
      waiter.join();
      EXPECT_EQ(result, IPCZ_RESULT_OK);
      EXPECT_EQ(item.satisfied, RINGWAY_WAIT_PEER_CLOSED);
      Close(b);
    }
  }
}

TEST_P(WaitTest, ClosingThePortalCancelsIt) {
  for (const RingwayWaitMode mode : kAllModes) {
    ExpectCancels(mode, [&](milliseconds pause) {
      const auto [a, b] = Pair();
      const IpczResult result = WaitDuring(b, mode, pause, [b = b] { Close(b); });
      Close(a);
      return result;
    });
  }
}

TEST_P(WaitTest, SendingThePortalAwayCancelsIt) {
  for (const RingwayWaitMode mode : kAllModes) {
    ExpectCancels(mode, [&](milliseconds pause) {
      IpczHandle kept;
      IpczHandle sent;
      Api().OpenPortals(node_a_, 0, nullptr, &kept, &sent);
      const IpczResult result =
          WaitDuring(sent, mode, pause, [&] { EXPECT_EQ(Put(a_, "", {sent}), IPCZ_RESULT_OK); });
      Close(WaitGet(b_).handles.at(0));
      Close(kept);
      return result;
    });
  }
}

// A thread that waits for a portal follows it when its peer is sent away.
TEST_P(WaitTest, GoesOnWhenThePeerIsSentAway) {
  for (const RingwayWaitMode mode : kAllModes) {
    IpczHandle kept;
    IpczHandle sent;
    ASSERT_EQ(Api().OpenPortals(node_a_, 0, nullptr, &kept, &sent), IPCZ_RESULT_OK);
    RingwayWaitItem item = Item(kept);
    IpczResult result = -1;
    std::thread waiter(
        [&] { result = WaitOne(&item, mode, DeadlineIn(std::chrono::seconds(20))); });
    std::this_thread::sleep_for(milliseconds(5));
    EXPECT_EQ(Put(a_, "", {sent}), IPCZ_RESULT_OK);
    const IpczHandle received = WaitGet(b_).handles.at(0);
    EXPECT_EQ(Put(received, "from there"), IPCZ_RESULT_OK);
    waiter.join();
    EXPECT_EQ(result, IPCZ_RESULT_OK);
    EXPECT_EQ(Get(kept).data, "from there");
    Close(kept);
    Close(received);
  }
}

// More portals than one futex call takes words, local and remote ones.
TEST_P(WaitTest, OneOfTwoHundredEndsIt) {
  std::vector<std::pair<IpczHandle, IpczHandle>> pairs;
  for (int i = 0; i < 200; ++i) {
    if (i % 2 != 0) {
      pairs.push_back(Pair());
      std::swap(pairs.back().first, pairs.back().second);  // puts from b to a
    } else {
      IpczHandle pair[2];
      Api().OpenPortals(node_a_, 0, nullptr, &pair[0], &pair[1]);
      pairs.emplace_back(pair[0], pair[1]);
    }
  }
  std::vector<RingwayWaitItem> items;
  for (const auto& [put, get] : pairs) items.push_back(Item(get));
  for (const RingwayWaitMode mode : kAllModes) {
    for (const size_t which : {size_t{0}, size_t{1}, size_t{99}, size_t{150}, size_t{199}}) {
      IpczResult result = -1;
      std::thread waiter([&] {
        result = Extensions().Wait(items.data(), items.size(), mode,
                                   DeadlineIn(std::chrono::seconds(20)));
      });
      std::this_thread::sleep_for(milliseconds(2));
      EXPECT_EQ(Put(pairs[which].first, "x"), IPCZ_RESULT_OK);
      waiter.join();
      ASSERT_EQ(result, IPCZ_RESULT_OK);
      for (size_t i = 0; i < items.size(); ++i) {
        ASSERT_EQ(items[i].satisfied, i == which ? RINGWAY_WAIT_READABLE : 0u) << i;
      }
      ASSERT_EQ(Get(pairs[which].second).data, "x");
    }
  }
  for (const auto& [put, get] : pairs) {
    Close(put);
    Close(get);
  }
}

TEST_P(WaitTest, SeveralThreadsMayWaitForOnePortal) {
  constexpr int kThreads = 4;
  constexpr int kParcels = 2000;
  const auto [a, b] = Pair();
  std::atomic<int> got = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, b = b, i] {
      for (;;) {
        RingwayWaitItem item = Item(b);
        WaitOne(&item, kAllModes[i % 3], RINGWAY_NO_DEADLINE);
        const IpczResult result = Get(b).result;
        if (result == IPCZ_RESULT_OK) ++got;
        if (result == IPCZ_RESULT_NOT_FOUND) return;
      }
    });
  }
  for (int i = 0; i < kParcels; ++i) EXPECT_EQ(Put(a, ""), IPCZ_RESULT_OK);
  EXPECT_TRUE(Eventually([&] { return got == kParcels; })) << got;
  Close(a);
  for (std::thread& thread : threads) thread.join();
  Close(b);
}

INSTANTIATE_TEST_SUITE_P(Where, WaitTest, RW_ALL_MODES, ModeName);

// --- With sleeps that nothing but a wake ends.

RW_CHILD(WaitsToBeKilled) {
  IpczHandle node;
  IpczHandle portal;
  Api().CreateNode(RingwayLinuxDriver(), 0, IPCZ_NO_FLAGS, nullptr, &node);
  Api().ConnectNode(node, child.transport, 1, IPCZ_CONNECT_NODE_TO_BROKER, nullptr, &portal);
  Put(portal, "ready");
  child.page->phase = 1;
  for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
}

TEST(WaitBetweenProcessesTest, AKilledPeerEndsAParkedWait) {
  for (int round = 0; round < 20; ++round) {
    Process child("WaitsToBeKilled", {});
    IpczHandle node;
    IpczHandle portal;
    Api().CreateNode(LongSleepDriver(), 0, IPCZ_CREATE_NODE_AS_BROKER, nullptr, &node);
    ASSERT_EQ(Api().ConnectNode(node, child.TakeTransport(), 1, 0, nullptr, &portal), 0);
    ASSERT_TRUE(child.ReachesPhase(1));
    ASSERT_EQ(WaitGet(portal).data, "ready");
    Clock::time_point killed;
    std::thread killer([&] {
      std::this_thread::sleep_for(milliseconds(2));
      killed = Clock::now();
      child.Signal(SIGKILL);
    });
    RingwayWaitItem item = Item(portal);
    EXPECT_EQ(WaitOne(&item, RINGWAY_WAIT_MODE_PARK, DeadlineIn(std::chrono::seconds(20))), 0);
    EXPECT_EQ(item.satisfied, RINGWAY_WAIT_PEER_CLOSED);
    killer.join();
    EXPECT_LT(Clock::now() - killed, std::chrono::seconds(5));
    Close(portal);
    Close(node);
  }
}

// Answers every parcel, parked, until the peer closes.
RW_CHILD(AnswersParked) {
  IpczHandle node;
  IpczHandle portal;
  Api().CreateNode(child.number(0) != 0 ? NoBarrierDriver() : LongSleepDriver(), 0, IPCZ_NO_FLAGS,
                   nullptr, &node);
  Api().ConnectNode(node, child.transport, 1, IPCZ_CONNECT_NODE_TO_BROKER, nullptr, &portal);
  for (;;) {
    RingwayWaitItem item = Item(portal);
    if (WaitOne(&item, RINGWAY_WAIT_MODE_PARK, RINGWAY_NO_DEADLINE) != IPCZ_RESULT_OK) return 1;
    const Parcel parcel = Get(portal);
    if (parcel.result == IPCZ_RESULT_NOT_FOUND) break;
    if (parcel.result == IPCZ_RESULT_OK && Put(portal, parcel.data) != IPCZ_RESULT_OK) return 2;
  }
  Close(portal);
  Close(node);
  return SleepsWithoutAWake() == 0 ? 0 : 3;
}

// No side sleeps through a parcel.
TEST(WaitBetweenProcessesTest, NoWakeIsLostInAParkedPingPong) {
  constexpr int kRounds = 10'000;
  for (const bool barrier : {true, false}) {
    Process::Options options;
    options.arguments = {barrier ? "0" : "1"};
    Process child("AnswersParked", options);
    IpczHandle node;
    IpczHandle portal;
    Api().CreateNode(barrier ? LongSleepDriver() : NoBarrierDriver(), 0, IPCZ_CREATE_NODE_AS_BROKER,
                     nullptr, &node);
    ASSERT_EQ(Api().ConnectNode(node, child.TakeTransport(), 1, 0, nullptr, &portal), 0);
    for (int i = 0; i < kRounds; ++i) {
      ASSERT_EQ(Put(portal, "ball"), IPCZ_RESULT_OK);
      RingwayWaitItem item = Item(portal);
      ASSERT_EQ(WaitOne(&item, RINGWAY_WAIT_MODE_PARK, DeadlineIn(std::chrono::seconds(30))), 0)
          << "round " << i;
      ASSERT_EQ(Get(portal).data, "ball");
    }
    Close(portal);
    EXPECT_EQ(child.Wait(), 0);
    Close(node);
    EXPECT_EQ(SleepsWithoutAWake(), 0u);
  }
}

}  // namespace
}  // namespace ringway::testing
