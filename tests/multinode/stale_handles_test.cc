// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// A storm of handles that are closed, of another kind, or never were, from
// several threads, while handles are given out and taken back: INVALID_ARGUMENT,
// and never a crash.

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <random>
#include <thread>

#include "tests/support/modes.h"

namespace ringway::testing {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kStormTime = std::chrono::milliseconds(1000);

// Handles that were given out once, for threads that use them afterwards. They
// are put here when closed, so that no thread races with Close().
class Graveyard {
 public:
  void Bury(IpczHandle handle) { slots_[next_.fetch_add(1) % slots_.size()].store(handle); }
  IpczHandle Dig(uint32_t random) const { return slots_[random % slots_.size()].load(); }

 private:
  std::array<std::atomic<IpczHandle>, 256> slots_{};
  std::atomic<size_t> next_{0};
};

// One call of each kind with a handle that is not good.
int CallWithBadHandle(IpczHandle handle, IpczHandle good, uint32_t random) {
  IpczPortalStatus status = {};
  status.size = sizeof(status);
  const IpczTrapConditions conditions = Conditions(IPCZ_TRAP_PEER_CLOSED);
  size_t bytes = 1;
  void* data;
  const void* view;
  IpczDriverHandle object;
  RingwayPortalCounters counters = {};
  counters.size = sizeof(counters);
  RingwayWaitItem item = {handle, RINGWAY_WAIT_READABLE, 0, 0, 0};
  switch (random % 13) {
    case 0:
      return Put(handle, "x");
    case 1:
      return Get(handle).result;
    case 2:
      return Api().QueryPortalStatus(handle, 0, nullptr, &status);
    case 3:
      return Api().BeginPut(handle, 0, nullptr, &bytes, &data);
    case 4:
      return Api().EndPut(handle, 0, nullptr, 0, 0, nullptr);
    case 5:
      return Api().BeginGet(handle, 0, nullptr, &view, &bytes, &bytes);
    case 6:
      return Api().EndGet(handle, 0, 0, 0, nullptr, nullptr, nullptr);
    case 7:
      return Api().Trap(
          handle, &conditions, [](const IpczTrapEvent*) {}, 0, 0, nullptr, nullptr, nullptr);
    case 8:
      return Put(good, "x", {handle});
    case 9:
      return Api().Unbox(handle, 0, nullptr, &object);
    case 10:
      return Api().Reject(handle, 0, 0, nullptr);
    case 11:
      return Extensions().Wait(&item, 1, RINGWAY_WAIT_MODE_PARK, 0);
    default:
      return Extensions().QueryPortalCounters(handle, &counters);
  }
}

class StaleHandlesTest : public ModesTest {
 protected:
  // Gives out and takes back handles of all kinds until `end`.
  void Churn(Clock::time_point end, uint32_t seed) {
    std::mt19937 random(seed);
    while (Clock::now() < end) {
      const IpczHandle node = random() % 2 != 0 ? node_a_ : node_b_;
      IpczHandle pair[2];
      Api().OpenPortals(node, 0, nullptr, &pair[0], &pair[1]);
      const IpczHandle box = MakeBox(node, "x");
      IpczHandle validator = 0;
      Put(pair[0], "text", {box});
      graveyard_.Bury(box);  // it is another one now
      Parcel parcel = Get(pair[1], &validator);
      for (const IpczHandle handle : parcel.handles) {
        TextIn(handle);
        graveyard_.Bury(handle);
      }
      if (random() % 4 == 0 && is_remote() && node == node_a_ &&
          Put(a_, "away", {pair[1]}) == IPCZ_RESULT_OK) {
        graveyard_.Bury(pair[1]);
        parcel = Get(b_);
        for (const IpczHandle handle : parcel.handles) {
          Close(handle);
          graveyard_.Bury(handle);
        }
        Close(pair[0]);
        graveyard_.Bury(pair[0]);
      } else {
        for (const IpczHandle handle : pair) {
          Close(handle);
          graveyard_.Bury(handle);
        }
      }
      Close(validator);
      graveyard_.Bury(validator);
    }
  }

  // Uses what was buried until `end`.
  void Storm(Clock::time_point end, uint32_t seed) {
    std::mt19937 random(seed);
    IpczHandle good[2];
    Api().OpenPortals(node_a_, 0, nullptr, &good[0], &good[1]);
    while (Clock::now() < end) {
      IpczHandle handle = graveyard_.Dig(random());
      if (random() % 16 == 0) handle |= IpczHandle{1} << 63;  // of the far future
      if (random() % 64 == 0) handle = random();              // of generation 0
      const uint32_t call = random();
      const int result = CallWithBadHandle(handle, good[0], call);
      if (result != IPCZ_RESULT_INVALID_ARGUMENT) {
        ++accepted_;
        EXPECT_EQ(result, IPCZ_RESULT_INVALID_ARGUMENT) << "call " << call % 13;
      }
      ++calls_;
    }
    Close(good[0]);
    Close(good[1]);
  }

  Graveyard graveyard_;
  std::atomic<uint64_t> calls_ = 0;
  std::atomic<uint64_t> accepted_ = 0;
};

TEST_P(StaleHandlesTest, AStormIsRefusedWhileHandlesComeAndGo) {
  std::vector<std::thread> threads;
  const auto end = Clock::now() + kStormTime;
  for (uint32_t i = 0; i < 2; ++i) threads.emplace_back([this, end, i] { Churn(end, i); });
  for (uint32_t i = 0; i < 3; ++i) threads.emplace_back([this, end, i] { Storm(end, 100 + i); });
  for (std::thread& thread : threads) thread.join();
  while (true) {
    const Parcel parcel = Get(b_);
    if (parcel.result != IPCZ_RESULT_OK) break;
    for (const IpczHandle handle : parcel.handles) Close(handle);
  }
  EXPECT_GT(calls_, 1000u);
  EXPECT_EQ(accepted_, 0u);
  std::printf("stale handles: %lu calls, %lu accepted\n", static_cast<unsigned long>(calls_),
              static_cast<unsigned long>(accepted_));
}

INSTANTIATE_TEST_SUITE_P(Where, StaleHandlesTest, RW_ONE_PROCESS_MODES, ModeName);

// A handle of the wrong kind is used while its slot becomes another kind's, with
// calls that may overlap: taking the object out of a box, and sending it.
TEST(WrongKindTest, ABoxUsedAsAPortalWhileItIsUnboxed) {
  NodePair nodes = NodePair::Linux();
  std::atomic<IpczHandle> box = 0;
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (!stop) {
        const IpczHandle handle = box.load();
        Put(handle, "x");
        Get(handle);
        Status(handle);
      }
    });
  }
  const auto end = Clock::now() + kStormTime;
  while (Clock::now() < end) {
    IpczHandle handle;
    Api().Box(nodes.broker, MakeFile("x"), 0, nullptr, &handle);
    box = handle;
    IpczDriverHandle object;
    ASSERT_EQ(Api().Unbox(handle, 0, nullptr, &object), IPCZ_RESULT_OK);
    IpczHandle pair[2];
    Api().OpenPortals(nodes.broker, 0, nullptr, &pair[0], &pair[1]);
    RingwayLinuxDriver()->Close(object, 0, nullptr);
    EXPECT_EQ(Status(pair[1]).num_local_parcels, 0u);
    Close(pair[0]);
    Close(pair[1]);
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace ringway::testing
