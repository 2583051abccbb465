// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Where payloads above 1 MiB lie: in segments of their own, which are used again.

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstring>
#include <set>

#include "tests/support/modes.h"
#include "tests/support/shim_driver.h"

namespace ringway::testing {
namespace {

class LargeParcelsTest : public ModesTest {};

// Puts a parcel of that size and gets it, in two phases; where the sender wrote it, or null.
void* SendLarge(IpczHandle from, IpczHandle to, size_t size) {
  size_t bytes = size;
  void* data = nullptr;
  if (Api().BeginPut(from, 0, nullptr, &bytes, &data) != IPCZ_RESULT_OK) return nullptr;
  std::memset(data, 7, size);
  if (Api().EndPut(from, size, nullptr, 0, 0, nullptr) != IPCZ_RESULT_OK) return nullptr;
  if (!Eventually([&] { return Status(to).num_local_bytes == size; })) return nullptr;
  const void* view = nullptr;
  size_t viewed = 0;
  if (Api().BeginGet(to, 0, nullptr, &view, &viewed, nullptr) != IPCZ_RESULT_OK) return nullptr;
  const bool same = viewed == size && std::memcmp(view, data, size) == 0;
  if (Api().EndGet(to, viewed, 0, 0, nullptr, nullptr, nullptr) != IPCZ_RESULT_OK) return nullptr;
  return same ? data : nullptr;
}

// What the peer has just read is not written again at once, yet memory is. Where a node may not
// allocate, parcels are made in memory of its own; within a node, in the allocator's, which need
// not give the same places again.
TEST_P(LargeParcelsTest, TakeTurnsInAFewPlaces) {
  const ModeTraits& traits = TraitsOf(GetParam());
  const bool takes_turns = traits.remote && !traits.delegates;
  std::set<void*> places;
  void* last = nullptr;
  for (int i = 0; i < 40; ++i) {
    void* const place = SendLarge(a_, b_, 1'500'000);
    ASSERT_NE(place, nullptr) << i;
    EXPECT_TRUE(place != last || !takes_turns) << i;
    last = place;
    places.insert(place);
  }
  if (traits.remote) {
    EXPECT_LE(places.size(), 6u);
  }
}

INSTANTIATE_TEST_SUITE_P(Where, LargeParcelsTest, RW_ONE_PROCESS_MODES, ModeName);

std::atomic<int> allocations_left;

const IpczDriver* ShortOfMemory() {
  static const RingwayDriver table = [] {
    RingwayDriver copy = LinuxTable();
    copy.extension.AllocateOwnedMemory = [](size_t num_bytes, uint32_t flags, const void* options,
                                            IpczDriverHandle* memory, void** address,
                                            IpczDriverHandle* mapping) -> IpczResult {
      if (--allocations_left < 0) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
      return LinuxTable().extension.AllocateOwnedMemory(num_bytes, flags, options, memory, address,
                                                        mapping);
    };
    return copy;
  }();
  return &table.base;
}

// A parcel for which there is one place goes there.
TEST(LargeParcelsWithoutMemoryTest, DoWithOnePlace) {
  allocations_left = 1000;
  IpczDriverHandle transports[2] = {};
  ASSERT_EQ(RingwayLinuxCreateTransportPair(&transports[0], &transports[1]), IPCZ_RESULT_OK);
  NodePair nodes(ShortOfMemory(), transports[0], transports[1]);
  const IpczHandle from = nodes.a[0];
  const IpczHandle to = nodes.b[0];
  ASSERT_NE(SendLarge(from, to, 1'500'000), nullptr);
  allocations_left = 1;
  for (int i = 0; i < 10; ++i) {
    EXPECT_NE(SendLarge(from, to, 1'500'000), nullptr) << i;
  }
  EXPECT_LT(allocations_left, 0);
  size_t bytes = 3'000'000;
  void* data = nullptr;
  EXPECT_EQ(Api().BeginPut(from, 0, nullptr, &bytes, &data), IPCZ_RESULT_RESOURCE_EXHAUSTED);
}

}  // namespace
}  // namespace ringway::testing
