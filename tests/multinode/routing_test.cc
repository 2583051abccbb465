// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Routes over more than one node: portals that are sent on, sent back and sent
// through each other, with parcels under way.

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/multinode/row.h"

namespace ringway::testing {
namespace {

class RoutingTest : public ::testing::TestWithParam<Mode> {};

INSTANTIATE_TEST_SUITE_P(On, RoutingTest, RW_REMOTE_MODES, ModeName);

TEST_P(RoutingTest, APortalTravelsAlongARow) {
  const Row row(GetParam(), 5);
  auto [a, b] = row.Pair(0);
  b = row.SendAlong(b, 0, 4);
  ExpectBecomesDirect(row, a, b);  // the broker introduces the nodes to each other
}

TEST_P(RoutingTest, APortalComesBackToItsPeer) {
  const Row row(GetParam(), 3);
  auto [a, b] = row.Pair(0);
  b = row.SendAlong(b, 0, 2);
  ExpectTalk(a, b);
  b = row.SendAlong(b, 2, 0);
  ExpectBecomesDirect(row, b, a);  // both are on one node
}

TEST_P(RoutingTest, CountersSayHowLongARouteIs) {
  const Row row(GetParam(), 4);
  auto [a, b] = row.Pair(0);
  const auto is = [&a = a](uint64_t route, uint64_t hops) {
    const RingwayPortalCounters counters = CountersOf(a);
    return counters.route == route && counters.hops == hops;
  };
  EXPECT_TRUE(is(RINGWAY_ROUTE_LOCAL, 0));
  b = row.Send(b, 0, 1);
  EXPECT_TRUE(is(RINGWAY_ROUTE_DIRECT, 0));
  // A portal that nobody has taken out of its parcel stays relayed.
  const IpczHandle parcel = row.PutInParcel(b, 1, 2);
  EXPECT_TRUE(Eventually([&] { return is(RINGWAY_ROUTE_RELAYED, 1); }));
  b = row.TakeOut(parcel);
  ExpectTalk(a, b);
  EXPECT_TRUE(row.RelaysBecome(0));
  EXPECT_TRUE(Eventually([&] { return is(RINGWAY_ROUTE_DIRECT, 0); }));
  EXPECT_EQ(CountersOf(b).route, RINGWAY_ROUTE_DIRECT);
  b = row.SendAlong(b, 2, 0);
  ExpectTalk(a, b);
  EXPECT_TRUE(Eventually([&] { return is(RINGWAY_ROUTE_LOCAL, 0); }));
  ExpectClosure(a, b);
}

TEST_P(RoutingTest, BothEndsMove) {
  const Row row(GetParam(), 4);
  auto [a, b] = row.Pair(1);
  a = row.SendAlong(a, 1, 0);
  b = row.SendAlong(b, 1, 3);
  ExpectTalk(a, b);
  a = row.SendAlong(a, 0, 3);
  b = row.SendAlong(b, 3, 0);
  ExpectBecomesDirect(row, a, b);
}

TEST_P(RoutingTest, WhatIsQueuedTravelsAlong) {
  const Row row(GetParam(), 4);
  auto [a, b] = row.Pair(0);
  const auto put = [&](int number) {
    const std::string text = std::to_string(number);
    if (number % 3 == 0) return Put(a, text, {row.MakeBox(0, text)});
    return Put(a, number % 3 == 1 ? text : text + std::string(40'000, 'x'));
  };
  int next = 0;
  for (size_t at = 0; at < 3; ++at) {
    for (int i = 0; i < 50; ++i) ASSERT_EQ(put(next++), IPCZ_RESULT_OK);
    b = row.Send(b, at, at + 1);
  }
  for (int i = 0; i < next; ++i) {
    const Parcel parcel = WaitGet(b);
    ASSERT_EQ(parcel.data.substr(0, parcel.data.find('x')), std::to_string(i));
    ASSERT_EQ(parcel.data.size() > 40'000, i % 3 == 2);
    ASSERT_EQ(parcel.handles.size(), i % 3 == 0 ? 1u : 0u);
    if (i % 3 == 0) {
      ASSERT_EQ(row.TextIn(parcel.handles[0]), std::to_string(i));
    }
  }
  ExpectClosure(a, b);
}

TEST_P(RoutingTest, PortalsInQueuedParcelsTravelAlong) {
  const Row row(GetParam(), 4);
  auto [a, b] = row.Pair(0);
  std::vector<IpczHandle> kept;
  for (int i = 0; i < 5; ++i) {
    auto [near, far] = row.Pair(0);
    ASSERT_EQ(Put(near, "first " + std::to_string(i)), IPCZ_RESULT_OK);
    ASSERT_EQ(Put(a, "", {far}), IPCZ_RESULT_OK);
    kept.push_back(near);
    if (i < 3) b = row.Send(b, static_cast<size_t>(i), static_cast<size_t>(i) + 1);
  }
  for (int i = 0; i < 5; ++i) {
    const Parcel parcel = WaitGet(b);
    ASSERT_EQ(parcel.handles.size(), 1u);
    ASSERT_EQ(WaitGet(parcel.handles[0]).data, "first " + std::to_string(i));
    ExpectTalk(kept[static_cast<size_t>(i)], parcel.handles[0]);
    ExpectClosure(parcel.handles[0], kept[static_cast<size_t>(i)]);
  }
  ExpectClosure(b, a);
}

TEST_P(RoutingTest, BothHalvesOfAPairInOneParcel) {
  const Row row(GetParam(), 3);
  auto [a, b] = row.Pair(0);
  ASSERT_EQ(Put(a, "before"), IPCZ_RESULT_OK);
  auto [carrier, end] = row.Pair(0);
  end = row.SendAlong(end, 0, 2);
  ASSERT_EQ(Put(carrier, "", {a, b}), IPCZ_RESULT_OK);
  const Parcel parcel = WaitGet(end);
  ASSERT_EQ(parcel.handles.size(), 2u);
  EXPECT_EQ(WaitGet(parcel.handles[1]).data, "before");
  ExpectTalk(parcel.handles[0], parcel.handles[1]);
  ExpectClosure(parcel.handles[0], parcel.handles[1]);
  ExpectClosure(carrier, end);
}

TEST_P(RoutingTest, TheRestOfAParcelGotInPartTravels) {
  const Row row(GetParam(), 3);
  auto [a, b] = row.Pair(0);
  b = row.Send(b, 0, 1);
  ASSERT_EQ(Put(a, "head and tail", {row.MakeBox(0, "box")}), IPCZ_RESULT_OK);
  char head[5];
  size_t bytes = sizeof(head);
  ASSERT_TRUE(Eventually([&] { return Status(b).num_local_parcels == 1; }));
  ASSERT_EQ(Api().Get(b, IPCZ_GET_PARTIAL, nullptr, head, &bytes, nullptr, nullptr, nullptr),
            IPCZ_RESULT_OK);
  b = row.Send(b, 1, 2);
  const Parcel rest = WaitGet(b);
  EXPECT_EQ(rest.data, "and tail");
  ASSERT_EQ(rest.handles.size(), 1u);
  EXPECT_EQ(row.TextIn(rest.handles[0]), "box");
  ExpectClosure(a, b);
}

TEST_P(RoutingTest, CountsAreOfTheWholeRoute) {
  const Row row(GetParam(), 4);
  auto [a, b] = row.Pair(0);
  b = row.SendAlong(b, 0, 3);
  for (int i = 0; i < 10; ++i) ASSERT_EQ(Put(a, "12345"), IPCZ_RESULT_OK);
  EXPECT_EQ(Status(a).num_remote_parcels, 10u);
  EXPECT_EQ(Status(a).num_remote_bytes, 50u);
  ASSERT_TRUE(Eventually([&] { return Status(b).num_local_parcels == 10; }));
  EXPECT_EQ(Status(a).num_remote_parcels, 10u);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Get(b).data, "12345");
  EXPECT_TRUE(Eventually([&] { return Status(a).num_remote_parcels == 6; }));
  EXPECT_TRUE(Eventually([&] { return Status(a).num_remote_bytes == 30; }));
  // Counting goes on where it was when the portal moves once more.
  b = row.Send(b, 3, 2);
  EXPECT_EQ(Status(a).num_remote_parcels, 6u);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(WaitGet(b).data, "12345");
  EXPECT_TRUE(Eventually([&] { return Status(a).num_remote_parcels == 0; }));
  ExpectClosure(b, a);
}

TEST_P(RoutingTest, LimitsHoldAcrossRelays) {
  const Row row(GetParam(), 4);
  auto [a, b] = row.Pair(0);
  b = row.SendAlong(b, 0, 3);
  const IpczPutLimits limits = {sizeof(limits), 3, SIZE_MAX};
  const IpczPutOptions options = {sizeof(options), &limits};
  for (int i = 0; i < 3; ++i) ASSERT_EQ(Put(a, "x", {}, &options), IPCZ_RESULT_OK);
  EXPECT_EQ(Put(a, "x", {}, &options), IPCZ_RESULT_RESOURCE_EXHAUSTED);
  EXPECT_EQ(WaitGet(b).data, "x");
  EXPECT_TRUE(Eventually([&] { return Put(a, "x", {}, &options) == IPCZ_RESULT_OK; }));
  EXPECT_EQ(Put(a, "x", {}, &options), IPCZ_RESULT_RESOURCE_EXHAUSTED);
  Close(a);
  Close(b);
}

// In the middle of traffic, both ways at once.
// A relay forwards no more than 65,536 parcels ahead; the rest while it is gone around.
TEST_P(RoutingTest, MoreIsQueuedThanARelayForwardsAhead) {
  constexpr size_t kParcels = (1 << 16) + 1000;
  const Row row(GetParam(), 3);
  auto [a, b] = row.Pair(0);
  b = row.Send(b, 0, 1);
  for (size_t i = 0; i < kParcels; ++i) {
    ASSERT_EQ(Api().Put(a, &i, sizeof(i), nullptr, 0, IPCZ_NO_FLAGS, nullptr), IPCZ_RESULT_OK);
  }
  b = row.Send(b, 1, 2);
  for (size_t i = 0; i < kParcels; ++i) {
    const Parcel parcel = WaitGet(b);
    ASSERT_EQ(parcel.result, IPCZ_RESULT_OK) << i;
    size_t number = 0;
    ASSERT_EQ(parcel.data.size(), sizeof(number));
    std::memcpy(&number, parcel.data.data(), sizeof(number));
    ASSERT_EQ(number, i);
  }
  ExpectBecomesDirect(row, a, b);
}

TEST_P(RoutingTest, MovesAmidTraffic) {
  const Row row(GetParam(), 4);
  auto [a, b] = row.Pair(0);
  constexpr uint64_t kParcels = 3'000;
  std::thread writer([a = a] {
    for (uint64_t i = 0; i < kParcels; ++i) {
      Api().Put(a, &i, sizeof(i), nullptr, 0, 0, nullptr);
      if (i % 64 == 0) std::this_thread::yield();
    }
  });
  size_t at = 0;
  int step = 1;
  for (uint64_t i = 0; i < kParcels; ++i) {
    if (i % 100 == 50) {
      if (at == 3) step = -1;
      if (at == 0) step = 1;
      const size_t to = at + static_cast<size_t>(step);
      ASSERT_EQ(Api().Put(b, &i, sizeof(i), nullptr, 0, 0, nullptr), IPCZ_RESULT_OK);
      b = row.Send(b, at, to);
      at = to;
    }
    const Parcel parcel = WaitGet(b);
    uint64_t number = 0;
    ASSERT_EQ(parcel.data.size(), sizeof(number));
    std::memcpy(&number, parcel.data.data(), sizeof(number));
    ASSERT_EQ(number, i);
  }
  writer.join();
  for (uint64_t i = 50; i < kParcels; i += 100) {
    const Parcel parcel = WaitGet(a);
    uint64_t number = 0;
    ASSERT_EQ(parcel.data.size(), sizeof(number));
    std::memcpy(&number, parcel.data.data(), sizeof(number));
    ASSERT_EQ(number, i);
  }
  ExpectClosure(b, a);
}

TEST_P(RoutingTest, AfterTheLossOfANodeBetweenBothEndsTalkOrAreClosed) {
  Row row(GetParam(), 5);
  auto [a, b] = row.Pair(0);
  b = row.SendAlong(b, 0, 4);
  ExpectTalk(a, b);
  row.CloseNode(2);
  // A node whose delegate is gone may have no memory for a link of its own any more.
  const bool becomes_direct = !TraitsOf(GetParam()).delegates;
  // With the relay on it, or without: the route is gone, or needs the node no more.
  EXPECT_TRUE(Eventually([&] {
    if (PeerClosed(a) && PeerClosed(b)) return true;
    if (becomes_direct && row.relays() != 0) return false;
    return Put(a, "still") == IPCZ_RESULT_OK && WaitGet(b).data == "still";
  })) << "a knows of the end: "
      << PeerClosed(a) << ", b: " << PeerClosed(b) << ", relays: " << row.relays();
  Close(a);
  Close(b);
}

// A portal that is put into its own route goes round in it, and nobody can get it.
TEST(RouteIntoItselfTest, ItEnds) {
  SyncHold hold(1);
  const auto deliver = [&hold] {
    constexpr size_t kMost = 1'000'000;
    size_t delivered = 0;
    for (; hold.Waiting() != 0 && delivered < kMost; ++delivered) hold.DeliverOne(0);
    EXPECT_LT(delivered, kMost);
  };
  auto whole = std::make_unique<Row>(Mode::kAcrossASyncDriver, 2);
  const Row& row = *whole;
  deliver();
  auto [a, b] = row.Pair(0);
  auto [c, d] = row.Pair(0);
  // Brings both nodes the memory that routes need.
  IpczHandle receiver = row.PutInParcel(d, 0, 1);
  deliver();
  receiver = row.PutInParcel(Row::TakeOut(receiver), 1, 0);
  deliver();
  d = Row::TakeOut(receiver);
  deliver();
  // It is back, but no message has been delivered: the other node forwards still.
  b = row.Send(row.Send(b, 0, 1), 1, 0);
  ASSERT_EQ(Put(a, "", {b}), IPCZ_RESULT_OK);
  deliver();
  EXPECT_TRUE(PeerClosed(a));
  for (const IpczHandle portal : {a, c, d}) Close(portal);
  for (int round = 0; round < 10; ++round) {
    for (const size_t i : {0, 1}) NodeCountersOf(row.node(i));
    deliver();
  }
  EXPECT_TRUE(row.RelaysBecome(0));
  EXPECT_TRUE(row.LinksAreEmpty());
  whole.reset();
  deliver();
}

}  // namespace
}  // namespace ringway::testing
