// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/harness/memory_use.h"

#include <gtest/gtest.h>

#include <vector>

namespace ringway::bench {
namespace {

TEST(ProportionalMemoryTest, GrowsWithWhatIsWrittenTo) {
  constexpr uint64_t kBytes = uint64_t{64} << 20;
  const uint64_t before = ProportionalMemory();
  EXPECT_GT(before, 0u);
  const std::vector<char> memory(kBytes, 1);
  EXPECT_GE(ProportionalMemory(), before + kBytes - kBytes / 8);
}

}  // namespace
}  // namespace ringway::bench
