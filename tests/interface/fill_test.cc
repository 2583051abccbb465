// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Array arguments that are written where they are sent from.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "ringway/meta.h"
#include "tests/interface/held.h"
#include "tests/interface/kinds.h"
#include "tests/interface/served_node.h"

namespace ringway::testing {
namespace {

struct Bytes : Interface<Bytes> {
  static constexpr InterfaceId kId = IdOf("ringway.test.Bytes");
  // How many of them are not zero.
  using Count = Method<Bytes, "count", long(Array<const uint8_t>)>;
  using Rpcs = ringway::Rpcs<Count>;
};
// The same, declared once more.
struct BytesTwin : Interface<BytesTwin> {
  static constexpr InterfaceId kId = Bytes::kId;
  using Count = Method<BytesTwin, "count", long(Array<const uint8_t>)>;
  using Rpcs = ringway::Rpcs<Count>;
};
class BytesServer : public Server<BytesServer, Bytes> {
 public:
  long Handle(Bytes::Count, CallContext&, ArrayRef<const uint8_t> bytes) {
    ++calls;
    const auto zeros = std::count(bytes.begin(), bytes.end(), 0);
    return static_cast<long>(bytes.size()) - zeros;
  }
  std::atomic<int> calls = 0;
};

class FillTest : public ::testing::TestWithParam<Place> {
 protected:
  // Calls in both ways, and by a declaration of the client's own.
  template <class Write>
  void ExpectCount(size_t num_bytes, const Write& write, long count) {
    EXPECT_EQ(bytes_.Call<Bytes::Count>(Fill<uint8_t>(num_bytes, write)), count) << num_bytes;
    EXPECT_EQ(bytes_.Start<Bytes::Count>(Fill<uint8_t>(num_bytes, write)).Wait(), count);
    const auto twin = CapReinterpretCast<BytesTwin>(bytes_);
    EXPECT_EQ(twin.Call<BytesTwin::Count>(Fill<uint8_t>(num_bytes, write)), count);
  }

  ServedNode node_;
  BytesServer server_;
  KindsServer kinds_server_;
  Cap<Bytes> bytes_ = node_.Connect<Bytes>(server_, GetParam());
  Cap<Kinds> kinds_ = node_.Connect<Kinds>(kinds_server_, GetParam());
};
INSTANTIATE_TEST_SUITE_P(, FillTest, RW_ALL_PLACES, PlaceName);

TEST_P(FillTest, ElementsAreWrittenOnceIntoMessagesOfAnySize) {
  for (const size_t count : {0, 1, 200, 400, 20'000, 300'000}) {
    int times = 0;
    const auto write = [&](std::span<int> to) {
      ++times;
      EXPECT_EQ(to.size(), count);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(to.data()) % alignof(int), 0u);
      std::iota(to.begin(), to.end(), 0);
    };
    int sum = -1;
    const auto number = static_cast<long>(count);
    ASSERT_EQ(kinds_.Call<Kinds::RefIn>(3, Fill<int>(count, write), sum), number);
    const auto expected = static_cast<int>(3u * static_cast<unsigned>(number * (number - 1) / 2));
    EXPECT_EQ(sum, expected);
    auto call = kinds_.Start<Kinds::RefIn>(3, Fill<int>(count, write), sum = -1);
    EXPECT_EQ(times, 2);
    ASSERT_EQ(call.Wait(), number);
    EXPECT_EQ(sum, expected);
    EXPECT_EQ(times, 2);
  }
}

TEST_P(FillTest, EachKindOfArrayTakesOneBesideOthers) {
  const auto write = [](std::span<int> to) { std::fill(to.begin(), to.end(), 2); };
  const auto letters = [](std::span<char> to) { to[0] = 'x'; };
  int sum = 0;
  EXPECT_EQ(kinds_.Call<Kinds::ArrayIn>(Fill<int>(3, write), std::string("hello"), sum), 305);
  EXPECT_EQ(sum, 6);
  EXPECT_EQ(kinds_.Call<Kinds::ArrayIn>(Fill<int>(2, write), Fill<char>(90'000, letters), sum),
            90'200);
  EXPECT_EQ(sum, 4);
  EXPECT_EQ(kinds_.Call<Kinds::ArrayBuf>(Fill<int>(kMax, write), sum), static_cast<long>(kMax));
  EXPECT_EQ(sum, static_cast<int>(2 * kMax));
}

TEST_P(FillTest, MoreThanTheMaximumIsRefusedBeforeAnythingIsWritten) {
  const auto write = [](std::span<int>) { ADD_FAILURE(); };
  int sum = 5;
  EXPECT_EQ(kinds_.Call<Kinds::ArrayIn>(Fill<int>(kMax + 1, write), std::string(), sum),
            -RW_EMSGTOOLONG);
  EXPECT_EQ(kinds_.Call<Kinds::ArrayBuf>(Fill<int>(kMax + 1, write), sum), -RW_EMSGTOOLONG);
  EXPECT_EQ(kinds_.Start<Kinds::ArrayBuf>(Fill<int>(kMax + 1, write), sum).Wait(), -RW_EMSGTOOLONG);
  EXPECT_EQ(sum, 5);
}

TEST_P(FillTest, NothingOfOursIsSeenInWhatIsLeftAlone) {
  const auto dirty = [](std::span<uint8_t> to) {
    std::fill(to.begin(), to.end(), uint8_t{0xaa});
    throw std::runtime_error("not after all");
  };
  const auto partly = [](std::span<uint8_t> to) { to[0] = 1; };
  for (const size_t num_bytes : {10, 900, 1'500, 3'000, 100'000, 3'000'000}) {
    // A link's memory shows what its peer could read before.
    if (GetParam() == Place::kOtherNode && num_bytes > 2'000) continue;
    for (int i = 0; i < 3; ++i) {
      EXPECT_THROW(static_cast<void>(bytes_.Call<Bytes::Count>(Fill<uint8_t>(num_bytes, dirty))),
                   std::runtime_error);
      std::string freed(num_bytes, '\xaa');
    }
    ExpectCount(num_bytes, partly, 1);
  }
}

TEST_P(FillTest, WhatTheFunctionThrowsGoesToTheCallerAndNothingIsSent) {
  for (const size_t num_bytes : {10, 100'000}) {
    const auto fails = [](std::span<uint8_t>) { throw std::runtime_error("why"); };
    EXPECT_THROW(static_cast<void>(bytes_.Call<Bytes::Count>(Fill<uint8_t>(num_bytes, fails))),
                 std::runtime_error);
    EXPECT_THROW(static_cast<void>(bytes_.Start<Bytes::Count>(Fill<uint8_t>(num_bytes, fails))),
                 std::runtime_error);
    server_.calls = 0;
    ExpectCount(
        num_bytes, [](std::span<uint8_t> to) { std::memset(to.data(), 1, to.size()); },
        static_cast<long>(num_bytes));
    EXPECT_EQ(server_.calls, 3);
  }
}

TEST_P(FillTest, TheFunctionMayMakeCallsOfItsOwn) {
  const auto inner = [](std::span<uint8_t> to) {
    std::fill(to.begin(), to.end(), uint8_t{0});
    to[1] = 1;
  };
  const auto outer = [&](std::span<uint8_t> to) {
    std::fill(to.begin(), to.end(), uint8_t{0});
    to[0] = static_cast<uint8_t>(bytes_.Call<Bytes::Count>(Fill<uint8_t>(to.size(), inner)));
  };
  ExpectCount(10, outer, 1);
  ExpectCount(100'000, outer, 1);
}

TEST_P(FillTest, TheDefaultOfAMethodGetsTheElements) {
  HeldServer server;
  const auto held = CapReinterpretCast<Twin>(node_.Connect<Held>(server, GetParam()));
  const auto write = [](std::span<int> to) { std::fill(to.begin(), to.end(), 2); };
  int sum = 0;
  EXPECT_EQ(held.Call<Twin::Missing>(10, Fill<int>(5, write), sum), 7);
  EXPECT_EQ(sum, 100);
  EXPECT_EQ(held.Start<Twin::Missing>(1, Fill<int>(5, write), sum).Wait(), 7);
  EXPECT_EQ(sum, 10);
}

// Part of the format, so that no element of a large array lies across two cache lines.
TEST(LargeArrayTest, BeginsWithACacheLineOfTheMessage) {
  ServedNode node;
  auto [here, there] = node.TakeLink();
  const Cap<Bytes> bytes(std::move(there));
  const auto write = [](std::span<uint8_t> to) { std::fill(to.begin(), to.end(), 'x'); };
  for (const size_t count : {size_t{4095}, size_t{4096}, size_t{1} << 20}) {
    const auto call = bytes.Start<Bytes::Count>(Fill<uint8_t>(count, write));
    const Parcel parcel = WaitGet(here.get());
    const size_t start = count < 4096 ? sizeof(RequestHeader) + sizeof(uint32_t) : 64;
    ASSERT_EQ(parcel.data.size(), start + count);
    EXPECT_EQ(parcel.data.substr(start), std::string(count, 'x'));
    const size_t skipped = start - sizeof(RequestHeader) - sizeof(uint32_t);
    EXPECT_EQ(parcel.data.substr(start - skipped, skipped), std::string(skipped, '\0'));
  }
}

}  // namespace
}  // namespace ringway::testing
