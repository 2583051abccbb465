// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Limits of Put() and BeginPut(): exact once it is quiet, and never exceeded.

#include <gtest/gtest.h>

#include <cstring>
#include <thread>

#include "tests/support/modes.h"
#include "tests/support/process.h"

namespace ringway::testing {
namespace {

struct Limit {
  explicit Limit(size_t parcels, size_t bytes = SIZE_MAX)
      : limits{sizeof(limits), parcels, bytes},
        put{sizeof(put), &limits},
        begin{sizeof(begin), &limits} {}
  IpczPutLimits limits;
  IpczPutOptions put;
  IpczBeginPutOptions begin;
};

class LimitsTest : public ModesTest {
 protected:
  // Both sides have told each other what they consumed.
  void Quiet() {
    ASSERT_TRUE(Eventually([&] {
      return Status(a_).num_remote_parcels == Status(b_).num_local_parcels &&
             Status(a_).num_remote_bytes == Status(b_).num_local_bytes;
    }));
  }
};

TEST_P(LimitsTest, ParcelsAreCountedExactly) {
  const Limit five(5);
  for (int i = 0; i < 5; ++i) ASSERT_EQ(Put(a_, "x", {}, &five.put), IPCZ_RESULT_OK) << i;
  EXPECT_EQ(Put(a_, "x", {}, &five.put), IPCZ_RESULT_RESOURCE_EXHAUSTED);
  EXPECT_EQ(Put(a_, "", {}, &five.put), IPCZ_RESULT_RESOURCE_EXHAUSTED);
  size_t bytes = 1;
  void* data;
  EXPECT_EQ(Api().BeginPut(a_, 0, &five.begin, &bytes, &data), IPCZ_RESULT_RESOURCE_EXHAUSTED);
  EXPECT_EQ(Api().BeginPut(a_, IPCZ_BEGIN_PUT_ALLOW_PARTIAL, &five.begin, &bytes, &data),
            IPCZ_RESULT_RESOURCE_EXHAUSTED);
  const Limit none(0);
  EXPECT_EQ(Put(a_, "", {}, &none.put), IPCZ_RESULT_RESOURCE_EXHAUSTED);
  EXPECT_EQ(Put(a_, "x"), IPCZ_RESULT_OK) << "limits are the caller's choice each time";
  Quiet();
  EXPECT_EQ(Status(b_).num_local_parcels, 6u);
  for (int round = 0; round < 20; ++round) {
    while (Get(b_).result == IPCZ_RESULT_OK) continue;
    Quiet();
    for (int i = 0; i < 5; ++i) ASSERT_EQ(Put(a_, "x", {}, &five.put), IPCZ_RESULT_OK) << i;
    ASSERT_EQ(Put(a_, "x", {}, &five.put), IPCZ_RESULT_RESOURCE_EXHAUSTED);
    Quiet();
  }
}

TEST_P(LimitsTest, BytesAreCountedExactly) {
  const Limit hundred(SIZE_MAX, 100);
  EXPECT_EQ(Put(a_, std::string(101, 'x'), {}, &hundred.put), IPCZ_RESULT_RESOURCE_EXHAUSTED);
  ASSERT_EQ(Put(a_, std::string(60, 'x'), {}, &hundred.put), IPCZ_RESULT_OK);
  EXPECT_EQ(Put(a_, std::string(41, 'x'), {}, &hundred.put), IPCZ_RESULT_RESOURCE_EXHAUSTED);
  ASSERT_EQ(Put(a_, std::string(40, 'x'), {}, &hundred.put), IPCZ_RESULT_OK);
  EXPECT_EQ(Put(a_, "x", {}, &hundred.put), IPCZ_RESULT_RESOURCE_EXHAUSTED);
  EXPECT_EQ(Put(a_, "", {}, &hundred.put), IPCZ_RESULT_OK) << "which has no bytes";
  ASSERT_TRUE(Eventually([&] { return Status(b_).num_local_parcels == 3; }));
  // Part of a parcel makes room for as much.
  char data[10];
  size_t bytes = 10;
  ASSERT_EQ(Api().Get(b_, IPCZ_GET_PARTIAL, nullptr, data, &bytes, nullptr, nullptr, nullptr),
            IPCZ_RESULT_OK);
  Quiet();
  EXPECT_EQ(Put(a_, std::string(11, 'x'), {}, &hundred.put), IPCZ_RESULT_RESOURCE_EXHAUSTED);
  EXPECT_EQ(Put(a_, std::string(10, 'x'), {}, &hundred.put), IPCZ_RESULT_OK);
}

TEST_P(LimitsTest, ARefusedParcelKeepsItsHandles) {
  const Limit one(1);
  ASSERT_EQ(Put(a_, "x", {}, &one.put), IPCZ_RESULT_OK);
  const IpczHandle box = MakeBox(node_a_, "mine");
  IpczHandle pair[2];
  ASSERT_EQ(Api().OpenPortals(node_a_, 0, nullptr, &pair[0], &pair[1]), IPCZ_RESULT_OK);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Put(a_, "y", {box, pair[0]}, &one.put), IPCZ_RESULT_RESOURCE_EXHAUSTED);
  }
  EXPECT_EQ(TextIn(box), "mine");
  EXPECT_EQ(Put(pair[0], "z"), IPCZ_RESULT_OK);
  EXPECT_EQ(Get(pair[1]).data, "z");
  Close(pair[0]);
  Close(pair[1]);
  EXPECT_EQ(WaitGet(b_).data, "x");
  EXPECT_EQ(Get(b_).result, IPCZ_RESULT_UNAVAILABLE);
}

TEST_P(LimitsTest, AllowPartialTakesWhatFits) {
  const Limit hundred(SIZE_MAX, 100);
  ASSERT_EQ(Put(a_, std::string(70, 'x'), {}, &hundred.put), IPCZ_RESULT_OK);
  size_t bytes = 50;
  void* data = nullptr;
  EXPECT_EQ(Api().BeginPut(a_, 0, &hundred.begin, &bytes, &data), IPCZ_RESULT_RESOURCE_EXHAUSTED);
  ASSERT_EQ(Api().BeginPut(a_, IPCZ_BEGIN_PUT_ALLOW_PARTIAL, &hundred.begin, &bytes, &data),
            IPCZ_RESULT_OK);
  ASSERT_EQ(bytes, 30u);
  std::memset(data, 'p', bytes);
  ASSERT_EQ(Api().EndPut(a_, bytes, nullptr, 0, 0, nullptr), IPCZ_RESULT_OK);
  bytes = 10;
  EXPECT_EQ(Api().BeginPut(a_, IPCZ_BEGIN_PUT_ALLOW_PARTIAL, &hundred.begin, &bytes, &data),
            IPCZ_RESULT_RESOURCE_EXHAUSTED)
      << "nothing fits";
  EXPECT_EQ(WaitGet(b_).data.size(), 70u);
  EXPECT_EQ(WaitGet(b_).data, std::string(30, 'p'));
  Quiet();
  bytes = 50;
  ASSERT_EQ(Api().BeginPut(a_, IPCZ_BEGIN_PUT_ALLOW_PARTIAL, &hundred.begin, &bytes, &data),
            IPCZ_RESULT_OK);
  EXPECT_GE(bytes, 50u) << "all fits";
  EXPECT_EQ(Api().EndPut(a_, 0, nullptr, 0, IPCZ_END_PUT_ABORT, nullptr), IPCZ_RESULT_OK);
}

TEST_P(LimitsTest, PutManyPutsAsManyAsTheLimitsAllow) {
  std::vector<RingwayParcel> parcels(10, RingwayParcel{"0123456789", 10});
  const Limit four(4);
  size_t done = 77;
  EXPECT_EQ(Extensions().PutMany(a_, parcels.data(), 10, 0, &four.put, &done),
            IPCZ_RESULT_RESOURCE_EXHAUSTED);
  EXPECT_EQ(done, 4u);
  EXPECT_EQ(Extensions().PutMany(a_, parcels.data(), 10, 0, &four.put, &done),
            IPCZ_RESULT_RESOURCE_EXHAUSTED);
  EXPECT_EQ(done, 0u);
  const Limit bytes(SIZE_MAX, 65);
  EXPECT_EQ(Extensions().PutMany(a_, parcels.data(), 10, 0, &bytes.put, &done),
            IPCZ_RESULT_RESOURCE_EXHAUSTED);
  EXPECT_EQ(done, 2u);
  EXPECT_EQ(Extensions().PutMany(a_, parcels.data(), 10, 0, nullptr, &done), IPCZ_RESULT_OK);
  EXPECT_EQ(done, 10u);
  ASSERT_TRUE(Eventually([&] { return Status(b_).num_local_parcels == 16; }));
}

// Two threads put as fast as they can while one gets: the reader never sees more
// than the limit.
TEST_P(LimitsTest, AreNeverExceededByTwoThreads) {
  const Limit seven(7, 70);
  std::atomic<bool> stop = false;
  std::atomic<uint64_t> put = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (!stop) {
        if (Put(a_, "0123456789", {}, &seven.put) == IPCZ_RESULT_OK) {
          ++put;
        } else {
          std::this_thread::yield();
        }
      }
    });
  }
  uint64_t got = 0;
  size_t most = 0;
  size_t most_bytes = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
  while (std::chrono::steady_clock::now() < end || got < 1000) {
    const IpczPortalStatus status = Status(b_);
    most = std::max(most, status.num_local_parcels);
    most_bytes = std::max(most_bytes, status.num_local_bytes);
    if (Get(b_).result == IPCZ_RESULT_OK) ++got;
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  while (got < put && WaitGet(b_).result == IPCZ_RESULT_OK) ++got;
  EXPECT_EQ(got, put);
  EXPECT_EQ(Get(b_).result, IPCZ_RESULT_UNAVAILABLE);
  EXPECT_GT(most, 1u);
  EXPECT_LE(most, 7u);
  EXPECT_LE(most_bytes, 70u);
}

INSTANTIATE_TEST_SUITE_P(Where, LimitsTest, RW_ALL_MODES, ModeName);

// --- A reader in another process.

// Reads until the end, watches its own queue, and tells in `got` how many it took
// out and in `value[0]` the most that ever waited at once.
RW_CHILD(ReadsAndCounts) {
  IpczHandle node;
  IpczHandle portal;
  Api().CreateNode(RingwayLinuxDriver(), 0, IPCZ_NO_FLAGS, nullptr, &node);
  Api().ConnectNode(node, child.transport, 1, IPCZ_CONNECT_NODE_TO_BROKER, nullptr, &portal);
  uint64_t most = 0;
  uint32_t random = 7;
  for (;;) {
    most = std::max<uint64_t>(most, Status(portal).num_local_parcels);
    child.page->value[0] = most;
    random = random * 1664525 + 1013904223;
    if (random >> 24 < 8) std::this_thread::sleep_for(std::chrono::microseconds(200));
    const Parcel parcel = Get(portal);
    if (parcel.result == IPCZ_RESULT_OK) ++child.page->got;
    if (parcel.result == IPCZ_RESULT_NOT_FOUND) break;
  }
  Close(portal);
  Close(node);
  return 0;
}

TEST(LimitsBetweenProcessesTest, AReaderNeverFindsMoreThanTheLimit) {
  constexpr uint64_t kParcels = 10'000;
  constexpr uint64_t kMost = 6;
  Process child("ReadsAndCounts", {});
  IpczHandle node;
  IpczHandle portal;
  Api().CreateNode(RingwayLinuxDriver(), 0, IPCZ_CREATE_NODE_AS_BROKER, nullptr, &node);
  ASSERT_EQ(Api().ConnectNode(node, child.TakeTransport(), 1, 0, nullptr, &portal), IPCZ_RESULT_OK);
  // Before the link is up nobody can say what was consumed.
  ASSERT_TRUE(Eventually([&] { return NodeCountersOf(node).links == 1; }));
  const Limit limit(kMost);
  uint64_t put = 0;
  uint64_t refused = 0;
  while (put < kParcels) {
    const uint64_t got = child.page().got.load();
    const IpczResult result = Put(portal, "parcel", {}, &limit.put);
    if (result == IPCZ_RESULT_OK) {
      ++put;
      // One may be taken out and not counted yet.
      ASSERT_LE(put - child.page().got.load(), kMost + 1);
    } else {
      ASSERT_EQ(result, IPCZ_RESULT_RESOURCE_EXHAUSTED);
      ASSERT_GE(put - got, kMost) << "refused although there was room";
      ++refused;
      std::this_thread::yield();
    }
  }
  Close(portal);
  EXPECT_EQ(child.Wait(), 0);
  EXPECT_EQ(child.page().got.load(), kParcels);
  EXPECT_LE(child.page().value[0].load(), kMost);
  EXPECT_GT(child.page().value[0].load(), 1u);
  std::printf("limits: %lu parcels, %lu refused, at most %lu of %lu waited\n",
              static_cast<unsigned long>(put), static_cast<unsigned long>(refused),
              static_cast<unsigned long>(child.page().value[0].load()),
              static_cast<unsigned long>(kMost));
  Close(node);
}

// An open two-phase put is part of what the limits count, or the calls together
// would admit more than each of them allows.
TEST_P(LimitsTest, AnOpenTwoPhasePutCountsTowardsTheLimit) {
  const Limit one(1);
  size_t bytes = 1;
  void* data;
  ASSERT_EQ(Api().BeginPut(a_, 0, &one.begin, &bytes, &data), IPCZ_RESULT_OK);
  EXPECT_EQ(Put(a_, "x", {}, &one.put), IPCZ_RESULT_RESOURCE_EXHAUSTED);
  std::memset(data, 'y', 1);
  ASSERT_EQ(Api().EndPut(a_, 1, nullptr, 0, 0, nullptr), IPCZ_RESULT_OK);
  ASSERT_TRUE(Eventually([&] { return Status(b_).num_local_parcels != 0; }));
  EXPECT_EQ(Status(b_).num_local_parcels, 1u);
  EXPECT_EQ(Get(b_).data, "y");
}

}  // namespace
}  // namespace ringway::testing
