// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "shm/block_placer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "shm/segment_layout.h"

namespace ringway {
namespace {

constexpr uint64_t kPage = 4096;
constexpr uint64_t kSmallest = uint64_t{1} << BlockPlacer::kLog2Min;

TEST(BlockPlacerTest, GivesNothingWithoutMemory) {
  BlockPlacer placer;
  EXPECT_FALSE(placer.Allocate(12).has_value());
}

TEST(BlockPlacerTest, RoundsSmallRequestsUp) {
  BlockPlacer placer;
  placer.AddRange(0, kPage, kPage + kSmallest);
  ASSERT_TRUE(placer.Allocate(6).has_value());
  EXPECT_FALSE(placer.Allocate(6).has_value());
}

TEST(BlockPlacerTest, ReusesTheBlockFreedLast) {
  BlockPlacer placer;
  placer.AddRange(3, kPage, 64 * kPage);
  const auto first = placer.Allocate(13);
  const auto second = placer.Allocate(13);
  ASSERT_TRUE(first && second);
  placer.Free(*first, 13);
  placer.Free(*second, 13);
  EXPECT_EQ(placer.Allocate(13)->offset, second->offset);
}

// The last four are used one after the other, and those that lie idle stay so.
TEST(BlockPlacerTest, LargeBlocksTakeTurns) {
  constexpr uint64_t kLarge = 1 << 20;
  BlockPlacer placer;
  placer.AddRange(1, kPage, kPage + 9 * kLarge);
  std::vector<uint64_t> offsets;
  for (int i = 0; i < 12; ++i) {
    const auto block = placer.Allocate(20);
    ASSERT_TRUE(block);
    offsets.push_back(block->offset);
    placer.Free(*block, 20);
  }
  EXPECT_EQ(std::set<uint64_t>(offsets.begin(), offsets.begin() + 4).size(), 4u);
  EXPECT_TRUE(std::equal(offsets.begin(), offsets.begin() + 8, offsets.begin() + 4));
}

// No two live blocks overlap, none leaves its range, and all memory comes back.
TEST(BlockPlacerTest, BlocksNeverOverlap) {
  BlockPlacer placer;
  const uint64_t end = 1024 * kPage;
  placer.AddRange(7, kPage, end);
  std::map<uint64_t, uint32_t> live;  // offset -> log2
  std::mt19937 random(1);
  for (int step = 0; step < 100000; ++step) {
    if (random() % 2 == 0 || live.empty()) {
      const uint32_t log2 = BlockPlacer::kLog2Min + random() % 6;
      const auto block = placer.Allocate(log2);
      if (!block) continue;
      ASSERT_EQ(block->segment, 7u);
      ASSERT_EQ(block->offset % std::min(kPage, uint64_t{1} << log2), 0u);
      ASSERT_LE(block->offset + (uint64_t{1} << log2), end);
      const auto [at, fresh] = live.emplace(block->offset, log2);
      ASSERT_TRUE(fresh);
      if (at != live.begin()) {
        const auto before = std::prev(at);
        ASSERT_LE(before->first + (uint64_t{1} << before->second), block->offset);
      }
      if (const auto after = std::next(at); after != live.end()) {
        ASSERT_LE(block->offset + (uint64_t{1} << log2), after->first);
      }
    } else {
      auto victim = live.lower_bound(random() % end);
      if (victim == live.end()) victim = live.begin();
      placer.Free({7, victim->first}, victim->second);
      live.erase(victim);
    }
  }
}

TEST(SegmentLayoutTest, EveryRouteEndHasItsOwnPlace) {
  uint32_t index = 0;
  for (uint32_t page = 0; page < 8; ++page) {
    for (uint32_t slot = 0; slot < RouteEndsInPage(page); ++slot, ++index) {
      const RouteEndPlace place = PlaceOfRouteEnd(index);
      ASSERT_EQ(place.page, page);
      ASSERT_EQ(place.slot, slot);
    }
    EXPECT_GE(uint64_t{1} << Log2RoutePageBytes(page),
              uint64_t{RouteEndsInPage(page)} * sizeof(RouteEndBlock));
  }
}

}  // namespace
}  // namespace ringway
