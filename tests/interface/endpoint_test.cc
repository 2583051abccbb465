// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Endpoints of objects: where messages go, and who handles them (rows A1, A4, A5, A7 and A9 of
// docs/interfaces.md).

#include "ringway/endpoint.h"

#include <gtest/gtest.h>

#include "ringway/meta.h"
#include "tests/interface/calc.h"
#include "tests/interface/graph.h"

namespace ringway::testing {
namespace {

class EndpointTest : public GraphTest {};
INSTANTIATE_TEST_SUITE_P(, EndpointTest, RW_NEAR_AND_FAR, NearOrFar);

// A1
TEST_P(EndpointTest, AnObjectReachesEachPeerThroughItsOwnEndpoint) {
  const auto one = MakeRef<Person>(1);
  const auto two = MakeRef<Person>(2);
  const auto three = MakeRef<Person>(3);
  PlugPlug(one->left, two->left);
  PlugPlug(one->right, three->left);
  EXPECT_EQ(one->left.Call<Named::Name>(), 2);
  EXPECT_EQ(one->right.Call<Named::Name>(), 3);
  if (Far()) return;  // over there they are called by their own thread
  EXPECT_EQ(two->left.Call<Named::Name>(), 1);
}

// A1
TEST(LocalEndpointTest, UnpluggedItReachesNobody) {
  const auto one = MakeRef<Person>(1);
  EXPECT_FALSE(one->left.destination());
  EXPECT_EQ(one->left.Call<Named::Name>(), -RW_ENOENT);
  one->left.Plug(one->right);
  EXPECT_TRUE(one->left.destination());
  one->left.Unplug();
  EXPECT_FALSE(one->left.destination());
}

class TwoHandlers {
 public:
  TwoHandlers();
  long First(int a, int, int& sum) { return sum = a + first_, 0; }
  static long Second(TwoHandlers* self, CallContext& context, int a, int, int& sum) {
    sum = a + self->second_;
    return &context.object() == &self->second ? 0 : -RW_EINVAL;
  }
  Endpoint first;

 private:
  int first_ = 10;
  int second_ = 20;

 public:
  Endpoint second;
};
constexpr Operation kFirst[] = {kOperation<Calc::Add, &TwoHandlers::First>};
constexpr Operation kSecond[] = {kUnusedOperation, kOperation<Calc::Add, &TwoHandlers::Second>};
TwoHandlers::TwoHandlers()
    : first(kDescriptor<&TwoHandlers::first, kFirst>),
      second(kDescriptor<&TwoHandlers::second, kSecond>) {}

long AddAtEndpoint(Endpoint* endpoint, CallContext& context, int a, int b, int& sum) {
  return sum = a + b, &context.object() == endpoint;
}
constexpr Operation kPure[] = {kOperation<Calc::Add, &AddAtEndpoint>};

// A4
TEST_P(EndpointTest, EachHandlerGetsTheObjectOfItsEndpoint) {
  TwoHandlers object;
  Endpoint alone(kPureDescriptor<kPure>);
  const auto caller = MakeRef<Transparent>();
  int sum = 0;
  Plug(caller->upper, object.first);
  EXPECT_EQ(caller->upper.Call<Calc::Add>(1, 0, sum), 0);
  EXPECT_EQ(sum, 11);
  Plug(caller->upper, object.second);
  EXPECT_EQ(caller->upper.Call<Calc::Add>(1, 0, sum), 0);
  EXPECT_EQ(sum, 21);
  Plug(caller->upper, alone);
  EXPECT_EQ(caller->upper.Call<Calc::Add>(1, 2, sum), 1);
  EXPECT_EQ(sum, 3);
  EXPECT_EQ(Supports<Calc>(caller->upper.to<Object>()), 1);
  EXPECT_EQ(Supports<Named>(caller->upper.to<Object>()), 0);
  caller->upper.Unplug();
  nodes_.Stop();  // before what it serves
}

// A5
TEST_P(EndpointTest, WhatAFilterDoesNotHandlePassesThroughItBothWays) {
  const auto one = MakeRef<Person>(1);
  const auto two = MakeRef<Person>(2);
  const auto filter = MakeRef<Transparent>();
  const auto second = MakeRef<Transparent>();
  PlugPlug(one->left, filter->upper);
  filter->lower.PlugPlug(second->upper);
  second->lower.PlugPlug(two->left);
  EXPECT_EQ(one->left.Call<Named::Name>(), 2);
  // And back: each calls the other until 0 is reached.
  EXPECT_EQ(one->left.Call<Named::Count>(5), 0);
}

// A5
TEST_P(EndpointTest, ARingOfFiltersThatHandleNothingIsAnError) {
  const auto here = MakeRef<Transparent>();
  const auto there = MakeRef<Transparent>();
  const auto caller = MakeRef<Person>(1);
  caller->left.Plug(here->upper);
  Plug(here->lower, there->upper);
  if (Far()) {
    Result<Portal> back = loop_.Open(here->upper);
    ASSERT_TRUE(back);
    // The far filter is asked to plug its other side into this one.
    ASSERT_EQ(CapTo(there->lower).Call<Plugging::Plug>(Cap<Plugging>(*std::move(back)), false), 0);
  } else {
    there->lower.Plug(here->upper);
  }
  EXPECT_EQ(caller->left.Call<Named::Name>(), -RW_ELOOP);
  here->lower.Unplug();
  EXPECT_EQ(caller->left.Call<Named::Name>(), -RW_EBADPROTO);
}

// A7
TEST(LocalEndpointTest, APlugIsOneReferenceHoweverOftenItIsMade) {
  const auto one = MakeRef<Person>(1);
  const auto two = MakeRef<Person>(2);
  EXPECT_EQ(two->references(), 0);
  one->left.Plug(two->left);
  EXPECT_EQ(two->references(), 1);
  one->left.Plug(two->left);
  EXPECT_EQ(two->references(), 1);
  one->left.Plug(two->right);
  EXPECT_EQ(two->references(), 1);
  one->right.PlugPlug(two->left);
  EXPECT_EQ(two->references(), 2);
  EXPECT_EQ(one->references(), 1);
  one->left.Unplug();
  one->right.Unplug();
  two->left.Unplug();
  EXPECT_EQ(two->references(), 0);
  EXPECT_EQ(one->references(), 0);
}

// A7
TEST(LocalEndpointTest, TheNullEndpointIsNeverPlugged) {
  const auto one = MakeRef<Person>(1);
  Endpoint::Null().Plug(one->left);
  EXPECT_EQ(one->references(), 0);
  EXPECT_FALSE(Endpoint::Null().destination());
  one->left.PlugPlug(Endpoint::Null());
  EXPECT_FALSE(one->left.destination());
  one->left.Close(-RW_EIO);
  Endpoint::Null().Shutdown(0);
}

// A7
TEST_P(EndpointTest, AFilterIsInsertedBetweenTwoThatAreConnected) {
  const auto one = MakeRef<Person>(1);
  const auto two = MakeRef<Person>(2);
  const auto filter = MakeRef<Person>(3);
  PlugPlug(one->left, two->left);
  EXPECT_EQ(one->left.Insert(filter->left, filter->right), 0);
  EXPECT_EQ(one->left.Call<Named::Name>(), 3);
  EXPECT_EQ(filter->right.Call<Named::Name>(), 2);
  EXPECT_EQ(filter->left.Call<Named::Name>(), 1);
  // The far end's messages go through the filter too, which handles none of these on that side.
  EXPECT_EQ(filter->right.Call<Named::Count>(2), -RW_EBADPROTO);
}

// A9
TEST_P(EndpointTest, WhatIsPluggedInOutlivesItsCreator) {
  ASSERT_EQ(Tracked::alive(), 0);
  const auto one = MakeRef<Person>(1);
  PlugPlug(one->left, MakeRef<Person>(2)->left);
  EXPECT_EQ(Tracked::alive(), 2);
  EXPECT_EQ(one->left.Call<Named::Name>(), 2);
  one->left.Shutdown(0);
  EXPECT_TRUE(Until([] { return Tracked::alive() == 1; }));
}

// A9
TEST(LocalEndpointTest, AnObjectThatDropsItselfInAHandlerLivesUntilThatReturns) {
  auto one = MakeRef<Person>(1);
  auto two = MakeRef<Person>(2);
  one->left.PlugPlug(two->left);
  Person* const raw = two.get();
  int alive_inside = 0;
  two->on_close = [&] {
    raw->left.Unplug();
    one->left.Unplug();
    alive_inside = Tracked::alive();
  };
  two = {};
  one->left.Close(-RW_EIO);
  EXPECT_EQ(alive_inside, 2);
  EXPECT_EQ(Tracked::alive(), 1);
  EXPECT_EQ(one->references(), 0);
}

struct NoMemory : RefCounted {
  static void* operator new(size_t, const std::nothrow_t&) noexcept { return nullptr; }
};

// A6, A9
TEST(RefTest, IsEmptyWithoutMemory) { EXPECT_FALSE(MakeRef<NoMemory>()); }

// A handler on the way may wait for a call that comes back to where it was sent from.
TEST_P(EndpointTest, CallsBackAndForthEndAtALimit) {
  const auto one = MakeRef<Person>(1);
  const auto two = MakeRef<Person>(2);
  PlugPlug(one->left, two->left);
  EXPECT_EQ(one->left.Call<Named::Count>(40), 0);
  if (!Far()) return;
  EXPECT_EQ(one->left.Call<Named::Count>(1000), -RW_ELOOP);
}

TEST_P(EndpointTest, OtherThreadsCallWhileALoopRunsAndWhenNoneDoes) {
  const auto one = MakeRef<Person>(1);
  const auto two = MakeRef<Person>(2);
  PlugPlug(one->left, two->left);
  std::thread runs([&] { loop_.Run(); });
  std::vector<std::thread> callers;
  for (int thread = 0; thread < 3; ++thread) {
    callers.emplace_back([&] {
      for (int i = 0; i < 100; ++i) ASSERT_EQ(one->left.Call<Named::Name>(), 2);
    });
  }
  for (std::thread& caller : callers) caller.join();
  loop_.Stop();
  runs.join();
  EXPECT_EQ(one->left.Call<Named::Name>(), Far() ? -RW_ECANCELED : 2);
}

TEST_P(EndpointTest, SharedCapabilitiesAreNotPlugged) {
  const auto one = MakeRef<Person>(1);
  const auto two = MakeRef<Person>(2);
  Cap<Plugging> cap = CapTo(two->left);
  const Cap<Plugging> other = cap.Share();
  EXPECT_EQ(one->left.Plug(loop_, std::move(cap)), Far() ? -RW_EBUSY : 0);
}

TEST_P(EndpointTest, WhoMayCallMayStillNotPlug) {
  const auto one = MakeRef<Person>(1);
  Result<Portal> portal = nodes_.loop().Open(one->left, ~Plugging::kRight);
  ASSERT_TRUE(portal);
  nodes_.loop().Host(one->right);
  const Cap<Plugging> cap(*std::move(portal));
  EXPECT_EQ(cap.Call<Plugging::Plug>(one->right.cap<Plugging>(), true), -RW_EPERM);
}

}  // namespace
}  // namespace ringway::testing
