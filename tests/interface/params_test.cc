// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Each kind of parameter: rows T to String of the L4Re table in docs/interfaces.md.

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "ringway/meta.h"
#include "tests/interface/kinds.h"
#include "tests/interface/served_node.h"

namespace ringway::testing {
namespace {

class ParamsTest : public ::testing::TestWithParam<Place> {
 protected:
  void SetUp() override { ASSERT_TRUE(node_.loop().Open(server_.calc_)); }

  ServedNode node_;
  KindsServer server_;
  Cap<Kinds> kinds_ = node_.Connect<Kinds>(server_, GetParam());
};
INSTANTIATE_TEST_SUITE_P(, ParamsTest, RW_ALL_PLACES, PlaceName);

// T
struct WithPointer {
  int a;
  const char* text;
};
struct WithPadding {
  char a;
  int b;
};
struct Nested {
  int a;
  WithPointer inner;
};
static_assert(kIsWireType<Point> && kIsWireType<float> && kIsWireType<std::array<char, 3>>);
static_assert(!kIsWireType<WithPointer> && !kIsWireType<Nested> && !kIsWireType<int*>);
static_assert(!kIsWireType<WithPadding> && !kIsWireType<std::array<WithPadding, 2>>);
struct WithBool {
  int a;
  std::array<bool, 4> b;
};
enum Open { kOpen };
enum Fixed : uint8_t { kFixed };
static_assert(!kIsWireType<WithBool> && !kIsWireType<Open> && kIsWireType<Fixed>);
static_assert(!kIsWireType<std::string> && !kIsWireType<std::reference_wrapper<int>>);

TEST_P(ParamsTest, ValuesGoIn) {
  Point out = {};
  EXPECT_EQ(kinds_.Call<Kinds::Values>(true, 'a', 2.5, Point{1, 10}, out), 0);
  EXPECT_EQ(out, (Point{1 + 1 + 'a', 12}));
}

// T const&: the private copy is in TamperTest
TEST_P(ParamsTest, ConstReferencesGoIn) {
  Point out = {};
  EXPECT_EQ(kinds_.Call<Kinds::ConstRef>(Point{3, 4}, out), 0);
  EXPECT_EQ(out, (Point{3, 4}));
}

// T const*
TEST_P(ParamsTest, AConstPointerIsOneObjectAndNoText) {
  char out = 0;
  EXPECT_EQ(kinds_.Call<Kinds::ConstPointer>("abc", out), 0);
  EXPECT_EQ(out, 'a');
}

// T&, T*
TEST_P(ParamsTest, OutputsAreWrittenOnSuccessOnly) {
  int out = 1;
  EXPECT_EQ(kinds_.Call<Kinds::OutRef>(-5, out), -5);
  EXPECT_EQ(out, 1);
  EXPECT_EQ(kinds_.Call<Kinds::OutPointer>(-5, &out), -5);
  EXPECT_EQ(out, 1);
  EXPECT_EQ(kinds_.Call<Kinds::OutRef>(5, out), 5);
  EXPECT_EQ(out, 42);
  out = 1;
  EXPECT_EQ(kinds_.Call<Kinds::OutPointer>(0, &out), 0);
  EXPECT_EQ(out, 42);
}

// In_out<T&>, In_out<T*>
TEST_P(ParamsTest, InOutGoesThereAndBack) {
  int value = 1;
  EXPECT_EQ(kinds_.Call<Kinds::InOutRef>(value), 0);
  EXPECT_EQ(value, 2);
  EXPECT_EQ(kinds_.Call<Kinds::InOutPointer>(&value), 0);
  EXPECT_EQ(value, 3);
}

// Cap<T>
TEST_P(ParamsTest, ACapabilityThatWasReceivedWorks) {
  int sum = 0;
  EXPECT_EQ(kinds_.Call<Kinds::CapIn>(Cap<Calc>(), sum), -RW_EMSGMISSARG);
  // An object of the client's, which the server calls back.
  CalcServer calc;
  Loop loop(GetParam() == Place::kOtherNode ? node_.neighbour() : node_.node());
  Result<Portal> portal = loop.Open(calc);
  ASSERT_TRUE(portal);
  std::thread thread([&] { loop.Run(); });
  EXPECT_EQ(kinds_.Call<Kinds::CapIn>(Cap<Calc>(*std::move(portal)), sum), 1);
  EXPECT_EQ(sum, 23);
  loop.Stop();
  thread.join();
}

// Out<Cap<T>>
TEST_P(ParamsTest, ACapabilityComesBackOrNone) {
  Cap<Calc> calc;
  EXPECT_EQ(kinds_.Call<Kinds::CapOut>(0, calc), 0);
  EXPECT_FALSE(calc);
  EXPECT_EQ(kinds_.Call<Kinds::CapOut>(2, calc), -RW_EIO);
  EXPECT_FALSE(calc);
  EXPECT_EQ(kinds_.Call<Kinds::CapOut>(1, calc), 0);
  ASSERT_TRUE(calc);
  int sum = 0;
  EXPECT_EQ(calc.Call<Calc::Add>(1, 1, sum), 1);
  EXPECT_EQ(sum, 2);
}

// Array<const T> to Array_ref<const T>
TEST_P(ParamsTest, ArraysGoInUpToTheirMaximum) {
  const std::vector<int> numbers(kMax + 1, 3);
  const std::string text = "hello";
  for (size_t count = 0; count <= kMax; ++count) {
    int sum = -1;
    EXPECT_EQ(kinds_.Call<Kinds::ArrayIn>(Array<const int, kMax>(numbers.data(), count), text, sum),
              static_cast<long>(count * 100 + 5));
    EXPECT_EQ(sum, static_cast<int>(3 * count));
  }
  int sum = -1;
  EXPECT_EQ(kinds_.Call<Kinds::ArrayIn>(numbers, text, sum), -RW_EMSGTOOLONG);
  EXPECT_EQ(sum, -1);
  // Too large for one part of the message, and for a message in the lane.
  const std::string large(100'000, 'x');
  EXPECT_EQ(kinds_.Call<Kinds::ArrayIn>(Array<const int, kMax>(), large, sum), 100'000);
}

// Array<const T> to Array_in_buf<T>
TEST_P(ParamsTest, ArraysAreCopiedIntoTheServersMemoryOrRefused) {
  const std::vector<int> numbers(kMax + 1, 3);
  int sum = -1;
  EXPECT_EQ(kinds_.Call<Kinds::ArrayBuf>(Array<const int>(numbers.data(), kMax), sum),
            static_cast<long>(kMax));
  EXPECT_EQ(sum, static_cast<int>(3 * kMax));
  sum = -1;
  EXPECT_EQ(kinds_.Call<Kinds::ArrayBuf>(numbers, sum), -RW_EMSGTOOLONG);
  EXPECT_EQ(sum, -1);
}

// Array<T>&
TEST_P(ParamsTest, ArraysComeBackIntoTheCallersMemory) {
  std::array<int, 10> numbers = {};
  std::array<char, 20> letters = {};
  Array<int> out(numbers);
  Array<char> text(letters);
  int after = 0;
  EXPECT_EQ(kinds_.Call<Kinds::ArrayOut>(4, out, text, after), 0);
  EXPECT_EQ(out.length, 4u);
  EXPECT_EQ(numbers[3], 3);
  EXPECT_STREQ(letters.data(), "own storage");
  EXPECT_EQ(text.length, sizeof("own storage"));
  EXPECT_EQ(after, 7);
  // What does not fit is an error, and not cut.
  Array<char> small(letters.data(), 3);
  out = Array<int>(numbers);
  EXPECT_EQ(kinds_.Call<Kinds::ArrayOut>(4, out, small, after), -RW_EMSGTOOLONG);
  EXPECT_EQ(out.length, numbers.size());
}

// Array_ref<const T> in, Array_ref<T>& out
TEST_P(ParamsTest, AnArrayInTheMessageIsSeenInPlace) {
  const std::vector<int> numbers(50'000, 2);
  int sum = 0;
  EXPECT_EQ(kinds_.Call<Kinds::RefIn>(3, numbers, sum), 50'000);
  EXPECT_EQ(sum, 300'000);

  for (const int count : {0, 5, 50'000}) {
    ArrayRef<int, kRefMax> view;
    ASSERT_EQ(kinds_.Call<Kinds::RefOut>(count, view), 0);
    ASSERT_EQ(view.length, static_cast<size_t>(count));
    if (count != 0) {
      EXPECT_EQ(view[view.length - 1], count - 1);
    }
    if (count == 50'000 && GetParam() == Place::kOtherNode) {
      // It still is where it arrived, so nothing else can arrive there.
      const int calls = server_.ref_in_calls;
      EXPECT_EQ(kinds_.Call<Kinds::RefIn>(3, numbers, sum), -RW_EBUSY);
      EXPECT_EQ(server_.ref_in_calls, calls);
    }
    view.Release();
    EXPECT_EQ(view.length, 0u);
    EXPECT_EQ(kinds_.Call<Kinds::RefIn>(3, numbers, sum), 50'000);
  }
  ArrayRef<int, kRefMax> view;
  EXPECT_EQ(kinds_.Call<Kinds::RefOut>(static_cast<int>(kRefMax) + 1, view), -RW_EMSGTOOLONG);
}

// Threads read for each other, while replies stay in the portal, are viewed there, or come too
// late.
TEST_P(ParamsTest, ThreadsMixAllSizesOfRepliesAndSomeGiveUp) {
  constexpr int kMany = 5'000;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      std::vector<int> numbers(kMany);
      std::array<char, 16> letters;
      for (int i = 0; i < 300; ++i) {
        int out = 0;
        const long got = kinds_.Call<Kinds::OutRef>(thread * 1000 + i, out);
        if (got != -RW_EBUSY) {
          ASSERT_EQ(got, thread * 1000 + i);
        }
        const auto hasty = kinds_.Until(i % 3 == 0 ? Deadline::Now() : Deadline::Never());
        Array<int> copied(numbers);
        Array<char> text(letters);
        const long filled = hasty.Call<Kinds::ArrayOut>(kMany - thread, copied, text, out);
        if (filled != -RW_EBUSY && filled != -RW_ETIMEDOUT) {
          ASSERT_EQ(filled, 0);
          ASSERT_EQ(copied.length, static_cast<size_t>(kMany - thread));
        }
        ArrayRef<int, kRefMax> view;
        if (i % 8 != 0 || kinds_.Call<Kinds::RefOut>(kMany + thread, view) == -RW_EBUSY) continue;
        ASSERT_EQ(view.length, static_cast<size_t>(kMany + thread));
        ASSERT_EQ(view[view.length - 1], kMany + thread - 1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  int out = 0;
  EXPECT_EQ(kinds_.Call<Kinds::OutRef>(1, out), 1);
}

TEST(ArrayRefDeathTest, AViewThatIsOverEndsTheProgram) {
  std::array<int, 3> numbers = {};
  ArrayRef<int> view = {numbers.data(), numbers.size()};
  EXPECT_EQ(view[2], 0);
  EXPECT_DEATH(static_cast<void>(view[3]), "");
  view.Release();
  EXPECT_DEATH(static_cast<void>(view[0]), "");
}

// Opt<T>, Opt<const T*>
TEST_P(ParamsTest, AbsentOnesInTheMiddleAreDefaultValues) {
  std::array<int, 4> got = {};
  Array<int> out(got);
  const int three = 3;
  EXPECT_EQ(kinds_.Call<Kinds::OptIn>(1, 2, &three, 4, out), 0);
  EXPECT_EQ(got, (std::array<int, 4>{1, 2, 3, 4}));
  EXPECT_EQ(kinds_.Call<Kinds::OptIn>(1, Opt<int>(), &three, 4, out), 0);
  EXPECT_EQ(got, (std::array<int, 4>{1, 0, 3, 4}));
  EXPECT_EQ(kinds_.Call<Kinds::OptIn>(1, 2, nullptr, 4, out), 0);
  EXPECT_EQ(got, (std::array<int, 4>{1, 2, 0, 4}));
}

// Opt<T&>, Opt<T*>
TEST_P(ParamsTest, OptionalOutputsThatAreNotSetLeaveTheClientsValue) {
  for (int which = 0; which < 4; ++which) {
    int a = 1;
    int b = 2;
    int c = 3;
    EXPECT_EQ(kinds_.Call<Kinds::OptOut>(which, a, &b, c), 0);
    EXPECT_EQ(a, (which & 1) != 0 ? 10 : 1);
    EXPECT_EQ(b, (which & 2) != 0 ? 20 : 2);
    EXPECT_EQ(c, 30);
  }
}

// Opt<Array_ref<T>&>
TEST_P(ParamsTest, AnOptionalArrayIsThereOrNot) {
  ArrayRef<int> view;
  EXPECT_EQ(kinds_.Call<Kinds::OptRef>(-1, view), 0);
  EXPECT_EQ(view.length, 0u);
  EXPECT_EQ(kinds_.Call<Kinds::OptRef>(3, view), 0);
  ASSERT_EQ(view.length, 3u);
  EXPECT_EQ(view[2], 2);
}

// String
TEST_P(ParamsTest, TextAlwaysEndsAndIsCutIfItDoesNot) {
  std::array<char, 20> letters = {};
  Array<char> out(letters);
  EXPECT_EQ(kinds_.Call<Kinds::Text>("hello", out), 6);
  EXPECT_EQ(std::string(letters.data(), out.length), "hello");
  out = Array<char>(letters);
  const std::array<char, 4> unterminated = {'a', 'b', 'c', 'd'};
  EXPECT_EQ(kinds_.Call<Kinds::Text>(String<>(unterminated.data(), 4), out), 4);
  EXPECT_EQ(std::string(letters.data(), out.length), "abc");
  EXPECT_EQ(unterminated[3], 'd');
  EXPECT_EQ(kinds_.Call<Kinds::Text>(String<>("", 0), out), -RW_EMSGTOOSHORT);
}

}  // namespace
}  // namespace ringway::testing
