// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Calls that are started and waited for later.

#include "ringway/pending.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <numeric>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "ringway/lend.h"
#include "ringway/meta.h"
#include "tests/interface/held.h"
#include "tests/interface/kinds.h"
#include "tests/interface/served_node.h"

namespace ringway::testing {
namespace {

constexpr uint64_t kShortNs = 20'000'000;

class PendingTest : public ::testing::TestWithParam<Place> {
 protected:
  // Calls that nobody waited for may be with the server yet.
  ~PendingTest() override { node_.Stop(); }

  bool Works() {
    int twice = 0;
    return held_.Call<Held::Now>(4, twice) == 4 && twice == 8;
  }

  ServedNode node_;
  HeldServer server_;
  Cap<Held> held_ = node_.Connect<Held>(server_, GetParam());
};
INSTANTIATE_TEST_SUITE_P(, PendingTest, RW_ALL_PLACES, PlaceName);

TEST_P(PendingTest, CallsAreWaitedForInAnyOrderBetweenOthers) {
  std::array<int, 3> twice = {-1, -1, -1};
  std::array<Pending<Held::Now>, 3> calls;
  for (int i = 0; i < 3; ++i) {
    calls[static_cast<size_t>(i)] = held_.Start<Held::Now>(i, twice[static_cast<size_t>(i)]);
  }
  EXPECT_TRUE(Works());
  EXPECT_EQ(twice, (std::array<int, 3>{-1, -1, -1}));
  EXPECT_EQ(calls[1].Wait(), 1);
  EXPECT_EQ(twice, (std::array<int, 3>{-1, 2, -1}));
  EXPECT_TRUE(Works());
  EXPECT_EQ(calls[2].Wait(), 2);
  EXPECT_EQ(calls[0].Wait(), 0);
  EXPECT_EQ(twice, (std::array<int, 3>{0, 2, 4}));
  EXPECT_FALSE(calls[0]);
  EXPECT_EQ(calls[0].Wait(), -RW_EINVAL);
}

template <class I>
class Starting {
 public:
  static void RepliesComeLaterInAnyOrder(HeldServer& server, const Cap<I>& held) {
    std::array<int, 4> twice = {};
    std::deque<Pending<typename I::Later>> calls;
    for (int i = 0; i < 4; ++i) {
      calls.push_back(held.template Start<typename I::Later>(i, twice[static_cast<size_t>(i)]));
    }
    for (const int i : {2, 0, 3, 1}) server.Answer(i);
    for (int i = 3; i >= 0; --i, calls.pop_back()) {
      EXPECT_EQ(calls.back().Wait(), i);
      EXPECT_EQ(twice[static_cast<size_t>(i)], 2 * i);
    }
    // Views of such replies live as long as they are wanted.
    ArrayRef<int> called;
    ArrayRef<int> started;
    auto call = held.template Start<typename I::LaterView>(1, started);
    std::thread answering([&] {
      std::array<int, 3> numbers = {5, 6, 7};
      for (const int i : {0, 1}) {
        const ArrayRef<int> view = {numbers.data(), numbers.size()};
        EXPECT_EQ(ReplyWith<Held::LaterView>(server.TakeKept(i), 0, view), 0);
      }
    });
    EXPECT_EQ(held.template Call<typename I::LaterView>(0, called), 0);
    EXPECT_EQ(call.Wait(), 0);
    answering.join();
    ASSERT_EQ(called.length, 3u);
    ASSERT_EQ(started.length, 3u);
    EXPECT_EQ(called[2] + started[2], 14);
  }
};

TEST_P(PendingTest, StartWaitsForNoReply) {
  Starting<Held>::RepliesComeLaterInAnyOrder(server_, held_);
  Starting<Twin>::RepliesComeLaterInAnyOrder(server_, CapReinterpretCast<Twin>(held_));
  int twice = 0;
  EXPECT_EQ(CapReinterpretCast<Twin>(held_).Start<Twin::Now>(3, twice).Wait(), 3);
  EXPECT_EQ(twice, 6);
}

TEST_P(PendingTest, EndsAtItsDeadlineAndTheLateReplyIsDropped) {
  int twice = 1;
  auto late = held_.Until(Deadline::In(kShortNs)).Start<Held::Later>(5, twice);
  EXPECT_EQ(late.Wait(), -RW_ETIMEDOUT);
  EXPECT_FALSE(late);
  server_.Answer(5);
  EXPECT_TRUE(Works());
  EXPECT_EQ(twice, 1);
}

TEST_P(PendingTest, ADroppedOneDisturbsNobody) {
  int dropped = -1;
  int twice = 0;
  {
    auto first = held_.Start<Held::Now>(1, dropped);
    auto second = held_.Start<Held::Now>(2, twice);
    auto third = held_.Start<Held::Later>(3, dropped);
    const auto moved = std::move(first);
    EXPECT_FALSE(first);
    EXPECT_EQ(second.Wait(), 2);  // the reply to the first one is there, for nobody
    second = held_.Start<Held::Now>(5, dropped);
    second = held_.Start<Held::Now>(6, twice);  // drops it
    EXPECT_EQ(second.Wait(), 6);
  }
  server_.Answer(3);
  EXPECT_TRUE(Works());
  EXPECT_EQ(dropped, -1);
  EXPECT_EQ(twice, 12);
}

TEST_P(PendingTest, OutlivesItsCapability) {
  int twice = 0;
  auto call = held_.Start<Held::Later>(5, twice);
  held_ = Cap<Held>();
  server_.Answer(5);
  EXPECT_EQ(call.Wait(), 5);
  EXPECT_EQ(twice, 10);
}

TEST_P(PendingTest, ManyThousandsMayBeUnderWay) {
  constexpr size_t kMany = 10'000;
  std::vector<int> twice(kMany);
  for (const auto& way : {"in order", "backwards", "dropped"}) {
    std::fill(twice.begin(), twice.end(), -1);
    std::deque<Pending<Held::Now>> calls;
    for (size_t i = 0; i < kMany; ++i) {
      calls.push_back(held_.Start<Held::Now>(static_cast<int>(i), twice[i]));
    }
    while (way == std::string("in order") && !calls.empty()) {
      ASSERT_EQ(calls.front().Wait(), static_cast<long>(kMany - calls.size()));
      calls.pop_front();
    }
    while (way == std::string("backwards") && !calls.empty()) {
      ASSERT_EQ(calls.back().Wait(), static_cast<long>(calls.size() - 1));
      calls.pop_back();
    }
    while (!calls.empty()) calls.pop_back();
    EXPECT_EQ(twice[kMany - 1],
              way == std::string("dropped") ? -1 : static_cast<int>(2 * kMany - 2));
    EXPECT_TRUE(Works());
  }
  // Replies that come in the worst order.
  std::deque<Pending<Held::Later>> calls;
  for (size_t i = 0; i < kMany; ++i) {
    calls.push_back(held_.Start<Held::Later>(static_cast<int>(i), twice[i]));
  }
  for (size_t i = kMany; i > 0; --i) server_.Answer(static_cast<int>(i - 1));
  for (; !calls.empty(); calls.pop_front()) {
    ASSERT_EQ(calls.front().Wait(), static_cast<long>(kMany - calls.size()));
  }
}

// Replies that lie in the portal: others are read past them, and what is looked at stays there.
TEST_P(PendingTest, ViewsOfRepliesComeOneAfterTheOther) {
  constexpr int kLarge = 50'000;
  const bool in_place = GetParam() != Place::kSameObject;
  std::array<ArrayRef<int, kViewMax>, 4> views;
  std::deque<Pending<Held::View>> calls;
  for (ArrayRef<int, kViewMax>& view : views) {
    calls.push_back(held_.Start<Held::View>(kLarge, view));
  }
  EXPECT_EQ(calls[1].Wait(), 0);
  EXPECT_EQ(views[1][kLarge - 1], kLarge - 1);
  // The one before was copied on the way. The next one has to wait, and can wait again.
  EXPECT_EQ(calls[0].Wait(), 0);
  EXPECT_EQ(views[0][kLarge - 1], kLarge - 1);
  EXPECT_EQ(calls[2].Wait(), in_place ? -RW_EBUSY : 0);
  EXPECT_EQ(static_cast<bool>(calls[2]), in_place);
  int twice = 0;
  EXPECT_EQ(held_.Call<Held::Now>(1, twice), in_place ? -RW_EBUSY : 1);
  auto started = held_.Start<Held::Now>(1, twice);
  EXPECT_EQ(started.Wait(), in_place ? -RW_EBUSY : 1);
  auto dropped = held_.Start<Held::Now>(2, twice);
  EXPECT_EQ(dropped.Wait(), in_place ? -RW_EBUSY : 2);
  dropped = {};
  views[1].Release();
  if (in_place) {
    EXPECT_EQ(started.Wait(), 1);
    EXPECT_EQ(calls[2].Wait(), 0);
  }
  EXPECT_EQ(views[2][kLarge - 1], kLarge - 1);
  // Dropped with its view still to come, and its reply in the portal.
  calls.clear();
  EXPECT_TRUE(Works());
}

TEST_P(PendingTest, AMovedReplyIsWaitedForWhereItComes) {
  if (GetParam() == Place::kSameObject) return;  // such replies do not leave their process
  std::array<int, 2> twice = {};
  auto first = held_.Start<Held::Moved>(1, twice[0]);
  auto second = held_.Start<Held::Moved>(2, twice[1]);
  auto dropped = held_.Start<Held::Moved>(3, twice[1]);
  auto late = held_.Until(Deadline::In(kShortNs)).Start<Held::Moved>(4, twice[1]);
  server_.Answer(2);
  EXPECT_EQ(second.Wait(), 2);
  EXPECT_TRUE(Works());
  server_.Answer(1);
  EXPECT_EQ(first.Wait(), 1);
  EXPECT_EQ(twice, (std::array<int, 2>{2, 4}));
  EXPECT_EQ(late.Wait(), -RW_ETIMEDOUT);
  dropped = {};
  // Nobody waits on their portals any more.
  for (const int i : {3, 4}) {
    Reply reply = server_.TakeKept(i);
    EXPECT_TRUE(Eventually([&] { return reply.Send(0) == -RW_ECONNRESET || !reply; }));
  }
}

TEST_P(PendingTest, ADefaultGetsTheArgumentsWhenItIsWaitedFor) {
  std::vector<int> numbers = {1, 2};
  int sum = 0;
  auto call = CapReinterpretCast<Twin>(held_).Start<Twin::Missing>(10, numbers, sum);
  EXPECT_EQ(sum, 0);
  numbers[0] = 3;
  EXPECT_EQ(call.Wait(), 7);
  EXPECT_EQ(sum, 50);
  EXPECT_EQ(Cap<Twin>().Start<Twin::Missing>(1, numbers, sum).Wait(), 7);
  EXPECT_EQ(sum, 5);
}

class PendingKindsTest : public ::testing::TestWithParam<Place> {
 protected:
  ~PendingKindsTest() override { node_.Stop(); }

  void SetUp() override { ASSERT_TRUE(node_.loop().Open(server_.calc_)); }

  ServedNode node_;
  KindsServer server_;
  Cap<Kinds> kinds_ = node_.Connect<Kinds>(server_, GetParam());
};
INSTANTIATE_TEST_SUITE_P(, PendingKindsTest, RW_ALL_PLACES, PlaceName);

TEST_P(PendingKindsTest, ValuesAndOptions) {
  Point point = {};
  EXPECT_EQ(kinds_.Start<Kinds::Values>(true, 'a', 2.5, Point{1, 10}, point).Wait(), 0);
  EXPECT_EQ(point, (Point{1 + 1 + 'a', 12}));
  EXPECT_EQ(kinds_.Start<Kinds::ConstRef>(Point{3, 4}, point).Wait(), 0);
  EXPECT_EQ(point, (Point{3, 4}));
  char letter = 0;
  EXPECT_EQ(kinds_.Start<Kinds::ConstPointer>("abc", letter).Wait(), 0);
  EXPECT_EQ(letter, 'a');
  int out = 1;
  EXPECT_EQ(kinds_.Start<Kinds::OutRef>(-5, out).Wait(), -5);
  EXPECT_EQ(out, 1);
  EXPECT_EQ(kinds_.Start<Kinds::OutPointer>(5, &out).Wait(), 5);
  EXPECT_EQ(out, 42);
  auto in_out = kinds_.Start<Kinds::InOutRef>(out);
  EXPECT_EQ(out, 42);
  EXPECT_EQ(in_out.Wait(), 0);
  EXPECT_EQ(kinds_.Start<Kinds::InOutPointer>(&out).Wait(), 0);
  EXPECT_EQ(out, 44);
  std::array<int, 4> four = {};
  Array<int> array(four);
  const int three = 3;
  EXPECT_EQ(kinds_.Start<Kinds::OptIn>(1, Opt<int>(), &three, 4, array).Wait(), 0);
  EXPECT_EQ(four, (std::array<int, 4>{1, 0, 3, 4}));
  int a = 1;
  int b = 2;
  EXPECT_EQ(kinds_.Start<Kinds::OptOut>(2, a, &b, out).Wait(), 0);
  EXPECT_EQ((std::array{a, b, out}), (std::array{1, 20, 30}));
}

TEST_P(PendingKindsTest, ArraysAndText) {
  const std::vector<int> numbers(kMax, 3);
  int sum = 0;
  EXPECT_EQ(kinds_.Start<Kinds::ArrayIn>(numbers, std::string("hello"), sum).Wait(), 805);
  EXPECT_EQ(kinds_.Start<Kinds::ArrayBuf>(numbers, sum).Wait(), 8);
  EXPECT_EQ(kinds_.Start<Kinds::RefIn>(2, std::vector<int>(50'000, 1), sum).Wait(), 50'000);
  EXPECT_EQ(sum, 100'000);
  // An error before it is sent is answered by Wait().
  EXPECT_EQ(kinds_.Start<Kinds::ArrayBuf>(std::vector<int>(kMax + 1), sum).Wait(), -RW_EMSGTOOLONG);
  std::array<char, 20> letters = {};
  std::array<int, 10> ten = {};
  Array<int> out(ten);
  Array<char> text(letters);
  int after = 0;
  EXPECT_EQ(kinds_.Start<Kinds::ArrayOut>(4, out, text, after).Wait(), 0);
  EXPECT_EQ(out.length, 4u);
  EXPECT_EQ(ten[3], 3);
  EXPECT_STREQ(letters.data(), "own storage");
  text = Array<char>(letters);
  EXPECT_EQ(kinds_.Start<Kinds::Text>("bye", text).Wait(), 4);
  EXPECT_EQ(std::string(letters.data(), text.length), "bye");
  ArrayRef<int, kRefMax> view;
  EXPECT_EQ(kinds_.Start<Kinds::RefOut>(5, view).Wait(), 0);
  EXPECT_EQ(view[4], 4);
  ArrayRef<int> optional;
  EXPECT_EQ(kinds_.Start<Kinds::OptRef>(-1, optional).Wait(), 0);
  EXPECT_EQ(optional.length, 0u);
  EXPECT_EQ(kinds_.Start<Kinds::OptRef>(3, optional).Wait(), 0);
  EXPECT_EQ(optional[2], 2);
}

TEST_P(PendingKindsTest, CapabilitiesThereAndBack) {
  int sum = 0;
  EXPECT_EQ(kinds_.Start<Kinds::CapIn>(Cap<Calc>(), sum).Wait(), -RW_EMSGMISSARG);
  CalcServer calc;
  Loop loop(GetParam() == Place::kOtherNode ? node_.neighbour() : node_.node());
  Result<Portal> portal = loop.Open(calc);
  ASSERT_TRUE(portal);
  std::thread thread([&] { loop.Run(); });
  EXPECT_EQ(kinds_.Start<Kinds::CapIn>(Cap<Calc>(*std::move(portal)), sum).Wait(), 1);
  EXPECT_EQ(sum, 23);
  loop.Stop();
  thread.join();
  Cap<Calc> back;
  // Dropped with a portal in its reply.
  static_cast<void>(kinds_.Start<Kinds::CapOut>(1, back));
  EXPECT_EQ(kinds_.Start<Kinds::CapOut>(1, back).Wait(), 0);
  EXPECT_EQ(back.Call<Calc::Add>(1, 1, sum), 1);
  EXPECT_EQ(sum, 2);
}

struct Lending : Interface<Lending> {
  static constexpr InterfaceId kId = IdOf("ringway.test.Lending");
  using Size = Method<Lending, "size", long(Lend)>;
  using Turn = Method<Lending, "turn", long(LendMut)>;
  using Rpcs = ringway::Rpcs<Size, Turn>;
};
class LendingServer : public Server<LendingServer, Lending> {
 public:
  long Handle(Lending::Size, CallContext&, std::span<const std::byte> bytes) {
    return static_cast<long>(bytes.size());
  }
  long Handle(Lending::Turn, CallContext&, LentBytes& bytes) {
    std::reverse(bytes.data, bytes.data + bytes.length);
    return bytes.Resize(bytes.length - 1) ? 0 : -RW_EMSGTOOLONG;
  }
};

TEST_P(PendingKindsTest, LentMemory) {
  LendingServer server;
  const auto lending = node_.Connect<Lending>(server, GetParam());
  Result<Memory> memory =
      Memory::Create(GetParam() == Place::kOtherNode ? node_.neighbour() : node_.node(), 100'000);
  ASSERT_TRUE(memory);
  auto shared = lending.Start<Lending::Size>(*memory);
  std::string text = "abc";
  std::span<std::byte> bytes = std::as_writable_bytes(std::span(text));
  auto turned = lending.Start<Lending::Turn>(bytes);
  EXPECT_EQ(turned.Wait(), 0);
  EXPECT_EQ(shared.Wait(), 100'000);
  EXPECT_EQ(text.substr(0, bytes.size()), "cb");
}

}  // namespace
}  // namespace ringway::testing
