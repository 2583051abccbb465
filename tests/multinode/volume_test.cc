// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Many parcels, large ones, empty ones, many portals: nothing is lost, doubled
// or reordered, and what was used is used again.

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstring>
#include <mutex>
#include <thread>

#include "tests/multinode/kill_parcels.h"
#include "tests/support/modes.h"
#include "tests/support/process.h"

namespace ringway::testing {
namespace {

class VolumeTest : public ModesTest {};

IpczResult PutNumber(IpczHandle portal, uint64_t number) {
  return Api().Put(portal, &number, sizeof(number), nullptr, 0, IPCZ_NO_FLAGS, nullptr);
}

IpczResult GetNumber(IpczHandle portal, uint64_t* number) {
  size_t bytes = sizeof(*number);
  return Api().Get(portal, IPCZ_NO_FLAGS, nullptr, number, &bytes, nullptr, nullptr, nullptr);
}

TEST_P(VolumeTest, AMillionParcelsQueueBeforeTheFirstGet) {
  constexpr uint64_t kParcels = 1'000'000;
  for (uint64_t i = 0; i < kParcels; ++i) ASSERT_EQ(PutNumber(a_, i), IPCZ_RESULT_OK) << i;
  EXPECT_EQ(Status(a_).num_remote_parcels, kParcels);
  ASSERT_TRUE(Eventually([&] { return Status(b_).num_local_parcels == kParcels; }));
  EXPECT_EQ(Status(b_).num_local_bytes, kParcels * 8);
  for (uint64_t i = 0; i < kParcels; ++i) {
    uint64_t number = ~uint64_t{0};
    ASSERT_EQ(GetNumber(b_, &number), IPCZ_RESULT_OK) << i;
    ASSERT_EQ(number, i);
  }
  uint64_t number;
  EXPECT_EQ(GetNumber(b_, &number), IPCZ_RESULT_UNAVAILABLE);
  EXPECT_EQ(Status(a_).num_remote_parcels, 0u);
  EXPECT_EQ(Status(a_).num_remote_bytes, 0u);
  EXPECT_EQ(Status(b_).num_local_parcels, 0u);
}

TEST_P(VolumeTest, AShortQueueGoesRoundItsLaneForEver) {
  ASSERT_EQ(PutNumber(a_, 0), IPCZ_RESULT_OK);
  ASSERT_EQ(WaitGet(b_).result, IPCZ_RESULT_OK);
  ASSERT_TRUE(Eventually([&] { return Status(a_).num_remote_parcels == 0; }));
  uint64_t next = 1;
  for (uint64_t i = 1; i < 300'000; ++i) {
    ASSERT_EQ(Api().Put(a_, &i, 8, nullptr, 0, IPCZ_NO_FLAGS, nullptr), IPCZ_RESULT_OK);
    if (i % 16 != 0) continue;
    for (; next <= i; ++next) {
      uint64_t number;
      ASSERT_EQ(GetNumber(b_, &number), IPCZ_RESULT_OK);
      ASSERT_EQ(number, next);
    }
  }
  EXPECT_EQ(CountersOf(a_).lanes_grown, 0u);
}

// Records of all sizes meet the end of the lane at all offsets, and the lane
// grows while it is full.
TEST_P(VolumeTest, AFullLaneGrowsAndKeepsTheOrder) {
  uint64_t put = 0;
  uint64_t got = 0;
  uint32_t random = 1;
  for (int round = 0; round < 400; ++round) {
    random = random * 1664525 + 1013904223;
    const uint64_t to_put = 1 + random % 97;
    for (uint64_t i = 0; i < to_put; ++i) {
      const std::string parcel = MakeParcel(put + 1);
      ASSERT_EQ(Put(a_, parcel), IPCZ_RESULT_OK);
      ++put;
    }
    const uint64_t to_get = round % 50 == 49 ? put - got : random / 97 % (put - got + 1);
    for (uint64_t i = 0; i < to_get; ++i) {
      const Parcel parcel = WaitGet(b_);
      ASSERT_EQ(NumberOfParcel(parcel.data.data(), parcel.data.size()), ++got);
    }
  }
  EXPECT_GT(CountersOf(a_).lanes_grown, 0u);
}

// A parcel with handles finds its room also where the lane has to grow for it.
TEST_P(VolumeTest, ParcelsWithBoxesStayInPlaceWhileLanesGrow) {
  for (const uint64_t every : {1, 2, 7}) {
    const auto [a, b] = Pair();
    constexpr uint64_t kParcels = 1500;
    const std::string text(every == 1 ? 8 : 200, 'x');
    for (uint64_t i = 1; i <= kParcels; ++i) {
      std::vector<IpczHandle> handles;
      if (i % every == 0) handles.push_back(MakeBox(node_a_, std::to_string(i)));
      ASSERT_EQ(Put(a, text + std::to_string(i), handles), IPCZ_RESULT_OK) << i;
    }
    for (uint64_t i = 1; i <= kParcels; ++i) {
      const Parcel parcel = WaitGet(b);
      ASSERT_EQ(parcel.data, text + std::to_string(i));
      ASSERT_EQ(parcel.handles.size(), i % every == 0 ? 1u : 0u) << i;
      for (const IpczHandle handle : parcel.handles) ASSERT_EQ(TextIn(handle), std::to_string(i));
    }
    Close(a);
    Close(b);
  }
}

TEST_P(VolumeTest, EmptyParcelsCount) {
  constexpr uint64_t kParcels = 100'000;
  for (uint64_t i = 0; i < kParcels; ++i) ASSERT_EQ(Put(a_, ""), IPCZ_RESULT_OK);
  ASSERT_TRUE(Eventually([&] { return Status(b_).num_local_parcels == kParcels; }));
  EXPECT_EQ(Status(b_).num_local_bytes, 0u);
  uint64_t got = 0;
  while (Api().Get(b_, 0, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr) == IPCZ_RESULT_OK) {
    ++got;
  }
  EXPECT_EQ(got, kParcels);
}

constexpr size_t kLargeBytes = size_t{256} << 20;

void FillLarge(char* data, uint64_t seed) {
  for (size_t i = 0; i < kLargeBytes; i += 8) {
    const uint64_t word = (i + seed) * 0x9e3779b97f4a7c15;
    std::memcpy(data + i, &word, 8);
  }
}

bool IsLarge(const char* data, uint64_t seed) {
  for (size_t i = 0; i < kLargeBytes; i += 8) {
    const uint64_t word = (i + seed) * 0x9e3779b97f4a7c15;
    if (std::memcmp(data + i, &word, 8) != 0) return false;
  }
  return true;
}

TEST_P(VolumeTest, AParcelOf256MiBByCopy) {
  auto data = std::make_unique<char[]>(kLargeBytes);
  FillLarge(data.get(), 1);
  ASSERT_EQ(Api().Put(a_, data.get(), kLargeBytes, nullptr, 0, 0, nullptr), IPCZ_RESULT_OK);
  ASSERT_TRUE(Eventually([&] { return Status(b_).num_local_parcels == 1; }));
  size_t bytes = kLargeBytes - 1;
  EXPECT_EQ(Api().Get(b_, 0, nullptr, data.get(), &bytes, nullptr, nullptr, nullptr),
            IPCZ_RESULT_RESOURCE_EXHAUSTED);
  ASSERT_EQ(bytes, kLargeBytes);
  std::memset(data.get(), 0, kLargeBytes);
  ASSERT_EQ(Api().Get(b_, 0, nullptr, data.get(), &bytes, nullptr, nullptr, nullptr),
            IPCZ_RESULT_OK);
  EXPECT_TRUE(IsLarge(data.get(), 1));
}

TEST_P(VolumeTest, AParcelOf256MiBInTwoPhases) {
  for (uint64_t seed = 2; seed < 4; ++seed) {
    size_t capacity = kLargeBytes;
    void* data = nullptr;
    ASSERT_EQ(Api().BeginPut(a_, 0, nullptr, &capacity, &data), IPCZ_RESULT_OK);
    ASSERT_GE(capacity, kLargeBytes);
    FillLarge(static_cast<char*>(data), seed);
    ASSERT_EQ(Api().EndPut(a_, kLargeBytes, nullptr, 0, 0, nullptr), IPCZ_RESULT_OK);
    ASSERT_TRUE(Eventually([&] { return Status(b_).num_local_parcels == 1; }));
    const void* view = nullptr;
    size_t bytes = 0;
    ASSERT_EQ(Api().BeginGet(b_, 0, nullptr, &view, &bytes, nullptr), IPCZ_RESULT_OK);
    ASSERT_EQ(bytes, kLargeBytes);
    EXPECT_TRUE(IsLarge(static_cast<const char*>(view), seed));
    ASSERT_EQ(Api().EndGet(b_, bytes, 0, 0, nullptr, nullptr, nullptr), IPCZ_RESULT_OK);
  }
  // The segments of the large ones went away or were used again.
  EXPECT_LE(NodeCountersOf(node_a_).segment_bytes, 2 * kLargeBytes + (32 << 20));
}

TEST_P(VolumeTest, TwoThreadsPutAndTwoGet) {
  constexpr uint64_t kParcels = 60'000;  // of each who puts
  std::vector<std::thread> threads;
  std::atomic<uint64_t> taken = 0;
  std::atomic<bool> in_order = true;
  std::array<std::vector<uint64_t>, 2> got;
  for (uint64_t putter = 0; putter < 2; ++putter) {
    threads.emplace_back([&, putter] {
      for (uint64_t i = 0; i < kParcels; ++i) PutNumber(a_, i << 1 | putter);
    });
  }
  for (size_t getter = 0; getter < 2; ++getter) {
    threads.emplace_back([&, getter] {
      int64_t last[2] = {-1, -1};
      const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
      while (taken.load() < 2 * kParcels && std::chrono::steady_clock::now() < end) {
        uint64_t number;
        if (GetNumber(b_, &number) != IPCZ_RESULT_OK) {
          std::this_thread::yield();
          continue;
        }
        ++taken;
        const auto place = static_cast<int64_t>(number >> 1);
        if (place <= last[number & 1]) in_order = false;
        last[number & 1] = place;
        got[getter].push_back(number);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(in_order);
  std::vector<uint64_t> all = got[0];
  all.insert(all.end(), got[1].begin(), got[1].end());
  std::sort(all.begin(), all.end());
  ASSERT_EQ(all.size(), 2 * kParcels);
  for (uint64_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i], i);
}

// Opens `count` pairs, sends one portal of each across, talks over each, and
// closes all.
void SendAndClose(IpczHandle node, IpczHandle through, IpczHandle out_of, size_t count) {
  std::vector<IpczHandle> kept(count);
  std::vector<IpczHandle> received;
  for (size_t i = 0; i < count; ++i) {
    IpczHandle sent;
    ASSERT_EQ(Api().OpenPortals(node, 0, nullptr, &kept[i], &sent), IPCZ_RESULT_OK);
    ASSERT_EQ(Put(through, "portal", {sent}), IPCZ_RESULT_OK) << i;
  }
  for (size_t i = 0; i < count; ++i) {
    const Parcel parcel = WaitGet(out_of);
    ASSERT_EQ(parcel.handles.size(), 1u) << i;
    received.push_back(parcel.handles[0]);
  }
  for (size_t i = 0; i < count; ++i) {
    ASSERT_EQ(PutNumber(kept[i], i), IPCZ_RESULT_OK) << i;
    ASSERT_EQ(PutNumber(received[i], ~i), IPCZ_RESULT_OK) << i;
  }
  for (size_t i = 0; i < count; ++i) {
    uint64_t number = 0;
    ASSERT_TRUE(Eventually([&] { return GetNumber(received[i], &number) == IPCZ_RESULT_OK; })) << i;
    ASSERT_EQ(number, i);
    ASSERT_TRUE(Eventually([&] { return GetNumber(kept[i], &number) == IPCZ_RESULT_OK; })) << i;
    ASSERT_EQ(number, ~i);
  }
  for (size_t i = 0; i < count; ++i) {
    Close(i % 2 != 0 ? kept[i] : received[i]);
    Close(i % 2 != 0 ? received[i] : kept[i]);
  }
}

TEST_P(VolumeTest, TenThousandPortalsComeAndGo) {
  const auto portals = [&] {
    return NodeCountersOf(node_a_).portals + NodeCountersOf(node_b_).portals;
  };
  const uint64_t before = portals();
  SendAndClose(node_a_, a_, b_, 10'000);
  if (HasFatalFailure()) return;
  EXPECT_TRUE(Eventually([&] { return portals() == before; })) << portals() << " of " << before;
  const RingwayNodeCounters first = NodeCountersOf(node_a_);
  const RingwayNodeCounters first_b = NodeCountersOf(node_b_);
  for (int round = 0; round < 4; ++round) SendAndClose(node_a_, a_, b_, 2'500);
  if (HasFatalFailure()) return;
  EXPECT_TRUE(Eventually([&] { return portals() == before; })) << portals() << " of " << before;
  EXPECT_EQ(NodeCountersOf(node_a_).segment_bytes, first.segment_bytes);
  EXPECT_EQ(NodeCountersOf(node_b_).segment_bytes, first_b.segment_bytes);
  EXPECT_EQ(NodeCountersOf(node_a_).peer_segments, first.peer_segments);
}

INSTANTIATE_TEST_SUITE_P(Where, VolumeTest, RW_ONE_PROCESS_MODES, ModeName);

// --- Between processes.

RW_CHILD(QueuesAMillion) {
  IpczHandle node;
  IpczHandle portal;
  Api().CreateNode(RingwayLinuxDriver(), 0, IPCZ_NO_FLAGS, nullptr, &node);
  Api().ConnectNode(node, child.transport, 1, IPCZ_CONNECT_NODE_TO_BROKER, nullptr, &portal);
  for (uint64_t i = 0; i < child.number(0); ++i) {
    if (PutNumber(portal, i) != IPCZ_RESULT_OK) return 1;
  }
  child.page->phase.store(1);
  std::string large(kLargeBytes, '\0');
  FillLarge(large.data(), 7);
  if (Put(portal, large) != IPCZ_RESULT_OK) return 2;
  Close(portal);
  Close(node);
  return 0;
}

TEST(VolumeBetweenProcessesTest, AMillionParcelsAndALargeOneOutliveTheirSender) {
  constexpr uint64_t kParcels = 1'000'000;
  Process::Options options;
  options.arguments = {std::to_string(kParcels)};
  Process child("QueuesAMillion", options);
  IpczHandle node;
  IpczHandle portal;
  Api().CreateNode(RingwayLinuxDriver(), 0, IPCZ_CREATE_NODE_AS_BROKER, nullptr, &node);
  ASSERT_EQ(Api().ConnectNode(node, child.TakeTransport(), 1, 0, nullptr, &portal), IPCZ_RESULT_OK);
  ASSERT_TRUE(child.ReachesPhase(1));
  ASSERT_EQ(child.Wait(), 0);
  for (uint64_t i = 0; i < kParcels; ++i) {
    uint64_t number = ~uint64_t{0};
    ASSERT_EQ(GetNumber(portal, &number), IPCZ_RESULT_OK) << i;
    ASSERT_EQ(number, i);
  }
  const Parcel parcel = WaitGet(portal);
  ASSERT_EQ(parcel.data.size(), kLargeBytes);
  EXPECT_TRUE(IsLarge(parcel.data.data(), 7));
  EXPECT_EQ(WaitGet(portal).result, IPCZ_RESULT_NOT_FOUND);
  Close(portal);
  Close(node);
}

}  // namespace
}  // namespace ringway::testing
