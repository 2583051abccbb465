// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Methods that an object does not have go on to the object behind it, in this
// process or another one (rows A5 and C4 of docs/interfaces.md).

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "ringway/meta.h"
#include "tests/interface/kinds.h"
#include "tests/interface/served_node.h"

namespace ringway::testing {
namespace {

struct Marked : Interface<Marked> {
  static constexpr InterfaceId kId = IdOf("ringway.test.Marked");
  using Mark = Method<Marked, "mark", long()>;
  using Rpcs = ringway::Rpcs<Mark>;
};

struct Window : Interface<Window> {
  static constexpr InterfaceId kId = IdOf("ringway.test.Window");
  static int64_t Unlimited(uint64_t& bytes) {
    bytes = UINT64_MAX;
    return 0;
  }
  static int64_t Broken(int) { return -RW_EPIPE; }
  using Size = Method<Window, "size", long(uint64_t&), Default<&Unlimited>>;
  using Deliver = Method<Window, "deliver", long(int), Default<&Broken>>;
  using Rpcs = ringway::Rpcs<Size, Deliver>;
};

class WindowServer : public Server<WindowServer, Window> {
 public:
  long Handle(Window::Size, CallContext&, uint64_t& bytes) { return bytes = 5, 0; }
  long Handle(Window::Deliver, CallContext&, int a) { return a; }
};

// Has a method of its own, and is transparent for all others.
class Filter : public Server<Filter, Marked> {
 public:
  explicit Filter(long mark) : mark_(mark) {}
  long Handle(Marked::Mark, CallContext&) { return mark_; }
  Target PassThrough() const override { return behind; }

  Target behind;

 private:
  long mark_;
};

class PassThroughTest : public ::testing::TestWithParam<Place> {
 protected:
  ~PassThroughTest() override {
    far_loop_.Stop();
    if (far_thread_.joinable()) far_thread_.join();
  }
  // An object of the neighbour's, as a target of this node.
  Target Far(Served& object) {
    auto [here, there] = node_.TakeLink();
    far_loop_.Serve(std::move(there), object);
    return Target(std::move(here));
  }
  template <class I>
  Cap<I> AsIf() {
    return CapReinterpretCast<I>(client_);
  }

  ServedNode node_;
  Loop far_loop_{node_.neighbour()};
  std::thread far_thread_{[this] { far_loop_.Run(); }};
  Filter first_{1};
  Filter second_{2};
  KindsServer kinds_;
  CalcServer calc_;
  Cap<Marked> client_ = node_.Connect<Marked>(first_, GetParam());
};
INSTANTIATE_TEST_SUITE_P(, PassThroughTest, RW_ALL_PLACES, PlaceName);

TEST_P(PassThroughTest, CrossesFiltersOfTheProcess) {
  int sum = 0;
  EXPECT_EQ(AsIf<Calc>().Call<Calc::Add>(1, 2, sum), -RW_EBADPROTO);
  second_.behind = calc_.target();
  first_.behind = second_.target();
  EXPECT_EQ(client_.Call<Marked::Mark>(), 1);
  EXPECT_EQ(AsIf<Calc>().Call<Calc::Add>(1, 2, sum), 1);
  EXPECT_EQ(sum, 3);
}

TEST_P(PassThroughTest, CrossesToAnotherProcessAndTheReplyComesStraightBack) {
  second_.behind = calc_.target();
  first_.behind = Far(second_);
  int sum = 0;
  for (int i = 1; i < 50; ++i) {
    ASSERT_EQ(AsIf<Calc>().Call<Calc::Add>(i, 2, sum), i);
    ASSERT_EQ(sum, i + 2);
  }
  EXPECT_EQ(AsIf<Calc>().Call<Calc::Divide>(1, 0, sum), -RW_EINVAL);
  EXPECT_EQ(AsIf<Calc>().Call<Calc::Reset>(100), 0);
  EXPECT_EQ(AsIf<Calc>().Call<Calc::Add>(1, 1, sum), 101);
}

TEST_P(PassThroughTest, LargeMessagesCrossAsWell) {
  first_.behind = Far(kinds_);
  const std::vector<int> numbers(50'000, 2);
  int sum = 0;
  EXPECT_EQ(AsIf<Kinds>().Call<Kinds::RefIn>(1, numbers, sum), 50'000);
  EXPECT_EQ(sum, 100'000);
  ArrayRef<int, kRefMax> view;
  ASSERT_EQ(AsIf<Kinds>().Call<Kinds::RefOut>(20'000, view), 0);
  EXPECT_EQ(view[19'999], 19'999);
}

// A10
TEST_P(PassThroughTest, AMessageThatNobodyTakesHasItsDefault) {
  uint64_t bytes = 0;
  EXPECT_EQ(AsIf<Window>().Call<Window::Size>(bytes), 0);
  EXPECT_EQ(bytes, UINT64_MAX);
  EXPECT_EQ(AsIf<Window>().Call<Window::Deliver>(1), -RW_EPIPE);
  EXPECT_EQ(Cap<Window>().Call<Window::Deliver>(1), -RW_EPIPE);
  WindowServer window;
  first_.behind = window.target();
  EXPECT_EQ(AsIf<Window>().Call<Window::Size>(bytes), 0);
  EXPECT_EQ(bytes, 5u);
  EXPECT_EQ(AsIf<Window>().Call<Window::Deliver>(1), 1);
}

TEST_P(PassThroughTest, ARingOfFiltersIsAnError) {
  first_.behind = second_.target();
  second_.behind = first_.target();
  int sum = 0;
  EXPECT_EQ(AsIf<Calc>().Call<Calc::Add>(1, 2, sum), -RW_ELOOP);
}

TEST_P(PassThroughTest, ARingOverTwoProcessesIsAnError) {
  auto [there, here] = node_.TakeLink();
  first_.behind = Far(second_);
  node_.loop().Serve(std::move(there), first_);
  second_.behind = Target(std::move(here));
  int sum = 0;
  EXPECT_EQ(AsIf<Calc>().Call<Calc::Add>(1, 2, sum), -RW_ELOOP);
}

TEST_P(PassThroughTest, TheEndOfWhatIsBehindIsAnError) {
  {
    auto [here, there] = node_.TakeLink();
    first_.behind = Target(std::move(here));
  }
  int sum = 0;
  EXPECT_TRUE(
      Eventually([&] { return AsIf<Calc>().Call<Calc::Add>(1, 2, sum) == -RW_ECONNRESET; }));
  EXPECT_EQ(client_.Call<Marked::Mark>(), 1);
}

}  // namespace
}  // namespace ringway::testing
