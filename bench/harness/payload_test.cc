// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/harness/payload.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>

namespace ringway::bench {
namespace {

template <typename Size>
class PayloadTest : public testing::Test {};

using Sizes = testing::Types<std::integral_constant<size_t, 8>, std::integral_constant<size_t, 16>,
                             std::integral_constant<size_t, 64>, std::integral_constant<size_t, 72>,
                             std::integral_constant<size_t, 1024>>;
TYPED_TEST_SUITE(PayloadTest, Sizes);

TYPED_TEST(PayloadTest, SumsTellWhatWasWritten) {
  constexpr size_t kBytes = TypeParam::value;
  alignas(64) std::array<std::byte, kBytes + 8> memory = {};
  std::byte* message = memory.data() + 8;  // in place, messages are 8-aligned and no more
  for (const uint64_t stamp : {uint64_t{0}, uint64_t{12345}, 7 | kFirstMark, 9 | kLastMark}) {
    WriteWhole<kBytes>(message, stamp);
    EXPECT_EQ(LoadWord(message), stamp);
    EXPECT_EQ(LoadWord(message + kBytes - 8), stamp + kBytes / 8 - 1);
    EXPECT_EQ(Sum<kBytes>(message), SumOfWhole<kBytes>(stamp));

    WriteWhole<kBytes>(message, 0);
    WriteEnds<kBytes>(message, stamp);
    EXPECT_EQ(ReadEnds<kBytes>(message), stamp);
    EXPECT_EQ(Sum<kBytes>(message), SumOfPatched<kBytes>(stamp));
  }
}

TYPED_TEST(PayloadTest, RefusesAChangedByte) {
  constexpr size_t kBytes = TypeParam::value;
  std::array<std::byte, kBytes> message;
  WriteWhole<kBytes>(message.data(), 42);
  for (size_t at = 0; at < kBytes; ++at) {
    message[at] ^= std::byte{0x10};
    EXPECT_NE(Sum<kBytes>(message.data()), SumOfWhole<kBytes>(42)) << at;
    message[at] ^= std::byte{0x10};
  }
}

TEST(PayloadEndsTest, RefusesEndsThatDisagree) {
  std::array<std::byte, 64> message;
  WriteEnds<64>(message.data(), 5);
  StoreWord(message.data() + 56, 6);
  EXPECT_EQ(ReadEnds<64>(message.data()), ~uint64_t{0});
}

}  // namespace
}  // namespace ringway::bench
