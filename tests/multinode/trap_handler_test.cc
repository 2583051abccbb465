// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What handlers of traps may do: install again, put, get, close, send away.
// And traps on the queue of a portal in another process.

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <thread>

#include "tests/support/modes.h"
#include "tests/support/process.h"

namespace ringway::testing {
namespace {

// A trap whose handler is a function. It is freed once the trap goes off.
IpczResult InstallTrap(IpczHandle portal, const IpczTrapConditions& conditions,
                       std::function<void(const IpczTrapEvent&)> handler) {
  auto* function = new std::function<void(const IpczTrapEvent&)>(std::move(handler));
  const auto call = [](const IpczTrapEvent* event) {
    const std::unique_ptr<std::function<void(const IpczTrapEvent&)>> ours(
        reinterpret_cast<std::function<void(const IpczTrapEvent&)>*>(event->context));
    (*ours)(*event);
  };
  const IpczResult result =
      Api().Trap(portal, &conditions, call, reinterpret_cast<uintptr_t>(function), IPCZ_NO_FLAGS,
                 nullptr, nullptr, nullptr);
  if (result != IPCZ_RESULT_OK) delete function;
  return result;
}

constexpr IpczTrapConditionFlags kReadable = IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS | IPCZ_TRAP_DEAD;

// Calls `on_parcel` for each parcel until the portal is dead or removed, from
// handlers that install their own successors.
class Reader : public std::enable_shared_from_this<Reader> {
 public:
  Reader(IpczHandle portal, std::function<void(Parcel)> on_parcel)
      : portal_(portal), on_parcel_(std::move(on_parcel)) {}

  void Go() {
    for (;;) {
      Parcel parcel;
      while ((parcel = Get(portal_)).result == IPCZ_RESULT_OK) on_parcel_(std::move(parcel));
      if (parcel.result != IPCZ_RESULT_UNAVAILABLE) break;
      const auto self = shared_from_this();
      const IpczResult result =
          InstallTrap(portal_, Conditions(kReadable), [self](const auto& event) {
            if ((event.condition_flags & IPCZ_TRAP_REMOVED) == 0) self->Go();
          });
      if (result == IPCZ_RESULT_OK) return;
      if (result != IPCZ_RESULT_FAILED_PRECONDITION) break;
    }
    ended_ = true;
  }
  bool ended() const { return ended_; }

 private:
  const IpczHandle portal_;
  const std::function<void(Parcel)> on_parcel_;
  std::atomic<bool> ended_ = false;
};

class TrapHandlerTest : public ModesTest {};

TEST_P(TrapHandlerTest, InstallsItselfAnewAndMissesNothing) {
  const uint64_t kParcels = TraitsOf(GetParam()).processes ? 4'000 : 20'000;  // calls take longer
  const auto [a, b] = Pair();
  std::vector<std::string> got;
  auto reader = std::make_shared<Reader>(b, [&](Parcel parcel) { got.push_back(parcel.data); });
  reader->Go();
  std::mt19937 random(1);
  for (uint64_t i = 0; i < kParcels; ++i) {
    ASSERT_EQ(Put(a, std::to_string(i)), IPCZ_RESULT_OK);
    if (random() % 64 == 0) std::this_thread::sleep_for(std::chrono::microseconds(random() % 100));
  }
  Close(a);
  ASSERT_TRUE(Eventually([&] { return reader->ended(); }));
  ASSERT_EQ(got.size(), kParcels);
  for (uint64_t i = 0; i < kParcels; ++i) ASSERT_EQ(got[i], std::to_string(i));
  Close(b);
}

TEST_P(TrapHandlerTest, PingPongBetweenHandlers) {
  constexpr int kRounds = 2000;
  const auto [a, b] = Pair();
  std::atomic<int> rounds = 0;
  const auto answer = [&rounds](IpczHandle portal) {
    return [&rounds, portal](const Parcel& parcel) {
      if (++rounds < kRounds) Put(portal, parcel.data);
    };
  };
  auto first = std::make_shared<Reader>(a, answer(a));
  auto second = std::make_shared<Reader>(b, answer(b));
  first->Go();
  second->Go();
  ASSERT_EQ(Put(a, "ball"), IPCZ_RESULT_OK);
  EXPECT_TRUE(Eventually([&] { return rounds == kRounds; })) << rounds;
  Close(a);
  ASSERT_TRUE(Eventually([&] { return second->ended(); }));
  Close(b);
}

TEST_P(TrapHandlerTest, ClosesItsOwnPortal) {
  for (int i = 0; i < 50; ++i) {
    const auto [a, b] = Pair();
    TrapLog others;
    std::atomic<int> closed = 0;
    ASSERT_EQ(others.Install(b, Conditions(IPCZ_TRAP_PEER_CLOSED), 1), IPCZ_RESULT_OK);
    ASSERT_EQ(InstallTrap(b, Conditions(IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS),
                          [&closed, b = b](const auto&) {
                            EXPECT_EQ(Api().Close(b, 0, nullptr), IPCZ_RESULT_OK);
                            ++closed;
                          }),
              IPCZ_RESULT_OK);
    ASSERT_EQ(others.Install(b, Conditions(IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS, 100), 2),
              IPCZ_RESULT_OK);
    ASSERT_EQ(Put(a, "x"), IPCZ_RESULT_OK);
    ASSERT_TRUE(Eventually([&] { return closed == 1; }));
    ASSERT_TRUE(others.WaitFor(2));
    for (size_t each = 0; each < 2; ++each) EXPECT_EQ(others.at(each).flags, IPCZ_TRAP_REMOVED);
    EXPECT_TRUE(Eventually([&] { return PeerClosed(a); }));
    Close(a);
  }
}

TEST_P(TrapHandlerTest, ClosesThePeerOrTheNodeItWaitsFor) {
  const auto [a, b] = Pair();
  std::atomic<int> calls = 0;
  ASSERT_EQ(InstallTrap(b, Conditions(IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS),
                        [&calls, a = a](const auto&) {
                          Close(a);
                          ++calls;
                        }),
            IPCZ_RESULT_OK);
  ASSERT_EQ(InstallTrap(b, Conditions(IPCZ_TRAP_PEER_CLOSED),
                        [&calls, this](const auto&) {
                          if (is_remote()) Close(node_b_);
                          ++calls;
                        }),
            IPCZ_RESULT_OK);
  ASSERT_EQ(Put(a, "x"), IPCZ_RESULT_OK);
  EXPECT_TRUE(Eventually([&] { return calls == 2; }));
  EXPECT_EQ(Get(b).data, "x");
  EXPECT_EQ(Get(b).result, IPCZ_RESULT_NOT_FOUND);
  Close(b);
}

TEST_P(TrapHandlerTest, SendsItsOwnPortalAway) {
  IpczHandle kept;
  IpczHandle sent;
  ASSERT_EQ(Api().OpenPortals(node_a_, 0, nullptr, &kept, &sent), IPCZ_RESULT_OK);
  std::atomic<int> result = -1;
  ASSERT_EQ(InstallTrap(sent, Conditions(IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS),
                        [&result, this, sent](const auto&) { result = Put(a_, "", {sent}); }),
            IPCZ_RESULT_OK);
  ASSERT_EQ(Put(kept, "first"), IPCZ_RESULT_OK);
  ASSERT_TRUE(Eventually([&] { return result != -1; }));
  ASSERT_EQ(result, IPCZ_RESULT_OK);
  const IpczHandle received = WaitGet(b_).handles.at(0);
  EXPECT_EQ(WaitGet(received).data, "first");
  Close(kept);
  Close(received);
}

// Every trap gets exactly one event, whatever happens at the same time.
TEST_P(TrapHandlerTest, EachTrapGetsOneEventWhileAllIsMoving) {
  std::atomic<uint64_t> installed = 0;
  std::atomic<uint64_t> events = 0;
  for (int round = 0; round < 60; ++round) {
    const auto [a, b] = Pair();
    std::thread putter([a = a] {
      for (int i = 0; i < 40; ++i) Put(a, "x");
      Close(a);
    });
    std::thread trapper([&, b = b] {
      for (int i = 0; i < 40; ++i) {
        const IpczTrapConditionFlags flags =
            i % 2 != 0 ? IPCZ_TRAP_NEW_LOCAL_PARCEL : IPCZ_TRAP_DEAD;
        if (InstallTrap(b, Conditions(flags), [&](const auto&) { ++events; }) == IPCZ_RESULT_OK) {
          ++installed;
        }
      }
    });
    for (int i = 0; i < 30; ++i) Get(b);
    putter.join();
    trapper.join();
    Close(b);
    ASSERT_TRUE(Eventually([&] { return events == installed; })) << events << " of " << installed;
  }
}

// One thread gets, with traps installed, while another sends the portal away.
TEST_P(TrapHandlerTest, APortalIsSentAwayWhileOthersUseIt) {
  for (int round = 0; round < 150; ++round) {
    IpczHandle kept;
    IpczHandle sent;
    ASSERT_EQ(Api().OpenPortals(node_a_, 0, nullptr, &kept, &sent), IPCZ_RESULT_OK);
    TrapLog log;
    std::thread user([&, sent] {
      IpczResult result = IPCZ_RESULT_OK;
      while (result != IPCZ_RESULT_INVALID_ARGUMENT) {
        log.Install(sent, Conditions(IPCZ_TRAP_NEW_LOCAL_PARCEL));
        log.Install(sent, Conditions(IPCZ_TRAP_PEER_CLOSED));
        result = Get(sent).result;
        Status(sent);
      }
    });
    for (int i = 0; i < round % 20; ++i) Put(kept, "x");
    ASSERT_EQ(Put(a_, "", {sent}), IPCZ_RESULT_OK);
    user.join();
    const IpczHandle received = WaitGet(b_).handles.at(0);
    ASSERT_EQ(Put(kept, "end"), IPCZ_RESULT_OK);
    while (WaitGet(received).data != "end") continue;
    Close(kept);
    Close(received);
  }
}

INSTANTIATE_TEST_SUITE_P(Where, TrapHandlerTest, RW_ALL_MODES, ModeName);

// --- Traps on the queue of a portal in another process.

// Gets a parcel each time `stop` goes up, and ends when it is 1000.
RW_CHILD(GetsOnDemand) {
  IpczHandle node;
  IpczHandle portal;
  Api().CreateNode(RingwayLinuxDriver(), 0, IPCZ_NO_FLAGS, nullptr, &node);
  Api().ConnectNode(node, child.transport, 1, IPCZ_CONNECT_NODE_TO_BROKER, nullptr, &portal);
  child.page->phase = 1;
  for (uint32_t done = 0;;) {
    const uint32_t wanted = child.page->stop.load();
    if (wanted == 1000) break;
    if (wanted == done) {
      std::this_thread::sleep_for(std::chrono::microseconds(50));
      continue;
    }
    if (WaitGet(portal).result != IPCZ_RESULT_OK) return 1;
    child.page->got = ++done;
  }
  Close(portal);
  Close(node);
  return 0;
}

class RemoteQueueTest : public ::testing::Test {
 protected:
  RemoteQueueTest() : child_("GetsOnDemand", {}) {
    Api().CreateNode(RingwayLinuxDriver(), 0, IPCZ_CREATE_NODE_AS_BROKER, nullptr, &node_);
    Api().ConnectNode(node_, child_.TakeTransport(), 1, 0, nullptr, &portal_);
    child_.ReachesPhase(1);
  }
  ~RemoteQueueTest() override {
    child_.page().stop = 1000;
    EXPECT_EQ(child_.Wait(), 0);
    Close(portal_);
    Close(node_);
  }
  void LetGet(uint32_t count) {
    child_.page().stop += count;
    ASSERT_TRUE(Eventually([&] { return child_.page().got == child_.page().stop; }));
  }

  Process child_;
  IpczHandle node_ = 0;
  IpczHandle portal_ = 0;
  TrapLog log_;
};

TEST_F(RemoteQueueTest, ConsumedRemoteParcelIsSeenAcrossProcesses) {
  for (int i = 0; i < 300; ++i) ASSERT_EQ(Put(portal_, "x"), IPCZ_RESULT_OK);
  for (size_t i = 1; i <= 100; ++i) {
    ASSERT_EQ(log_.Install(portal_, Conditions(IPCZ_TRAP_CONSUMED_REMOTE_PARCEL)), IPCZ_RESULT_OK);
    LetGet(1 + i % 3);
    ASSERT_TRUE(log_.WaitFor(i));
    EXPECT_EQ(log_.at(i - 1).flags, IPCZ_TRAP_CONSUMED_REMOTE_PARCEL);
  }
  EXPECT_EQ(log_.size(), 100u);
}

TEST_F(RemoteQueueTest, BelowMaxRemoteIsSeenAcrossProcessesAtItsThreshold) {
  for (int i = 0; i < 20; ++i) ASSERT_EQ(Put(portal_, "0123456789"), IPCZ_RESULT_OK);
  ASSERT_EQ(log_.Install(portal_, Conditions(IPCZ_TRAP_BELOW_MAX_REMOTE_PARCELS, 10)), 0);
  ASSERT_EQ(log_.Install(portal_, Conditions(IPCZ_TRAP_BELOW_MAX_REMOTE_BYTES, 50)), 0);
  LetGet(10);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(log_.size(), 0u) << "ten are not fewer than ten";
  LetGet(1);
  ASSERT_TRUE(log_.WaitFor(1));
  EXPECT_EQ(log_.at(0).flags, IPCZ_TRAP_BELOW_MAX_REMOTE_PARCELS);
  EXPECT_LT(log_.at(0).status.num_remote_parcels, 10u);
  LetGet(4);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(log_.size(), 1u);
  LetGet(1);
  ASSERT_TRUE(log_.WaitFor(2));
  EXPECT_EQ(log_.at(1).flags, IPCZ_TRAP_BELOW_MAX_REMOTE_BYTES);
  EXPECT_LT(log_.at(1).status.num_remote_bytes, 50u);
}

}  // namespace
}  // namespace ringway::testing
