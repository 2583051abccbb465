// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Networks whose brokers are connected act as one.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/multinode/row.h"

namespace ringway::testing {
namespace {

// Brokers in a row, each with two clients, and portals where nodes are connected.
class Networks {
 public:
  Networks(Mode mode, size_t brokers) : network_(mode), brokers_(brokers) {
    for (size_t i = 0; i < 3 * brokers; ++i) network_.AddNode(i < brokers);
    for (size_t i = 0; i < 2 * brokers; ++i) Connect(i % brokers, brokers + i);
  }
  Networks(const Networks&) = delete;
  Networks& operator=(const Networks&) = delete;
  ~Networks() {
    for (const auto& [nodes, portal] : portals_) Close(portal);
  }

  // Of a broker, counted like these from 0.
  size_t Client(size_t broker, size_t which = 0) const {
    return brokers_ + which * brokers_ + broker;
  }
  void Connect(size_t first, size_t second) {
    const auto [at_first, at_second] = network_.Connect(first, second, 1)[0];
    portals_[{first, second}] = at_first;
    portals_[{second, first}] = at_second;
    route_ends_ += 2;
  }
  void ConnectBrokers() {
    for (size_t i = 1; i < brokers_; ++i) Connect(i - 1, i);
  }

  std::pair<IpczHandle, IpczHandle> Pair(size_t node) const {
    std::pair<IpczHandle, IpczHandle> pair;
    EXPECT_EQ(Api().OpenPortals(network_.node(node), 0, nullptr, &pair.first, &pair.second),
              IPCZ_RESULT_OK);
    return pair;
  }
  // The portal as `to` has it.
  IpczHandle Send(IpczHandle portal, size_t from, size_t to) const {
    while (from != to) {
      const size_t next = NextHop(from, to);
      EXPECT_EQ(Put(portals_.at({from, next}), "", {portal}), IPCZ_RESULT_OK);
      const Parcel parcel = WaitGet(portals_.at({next, from}));
      EXPECT_EQ(parcel.handles.size(), 1u);
      if (parcel.handles.size() != 1) return IPCZ_INVALID_HANDLE;
      portal = parcel.handles[0];
      from = next;
    }
    return portal;
  }
  // A route between two nodes, one portal for each.
  std::pair<IpczHandle, IpczHandle> Route(size_t from, size_t to) const {
    const auto [a, b] = Pair(from);
    return {a, Send(b, from, to)};
  }

  // A parcel with a box, which the driver carries from `node`.
  void ExpectBox(IpczHandle from, size_t node, IpczHandle to, const std::string& text) const {
    IpczHandle box = 0;
    ASSERT_EQ(Api().Box(network_.node(node), network_.MakeObject(text), 0, nullptr, &box),
              IPCZ_RESULT_OK);
    ASSERT_EQ(Put(from, text, {box}), IPCZ_RESULT_OK);
    const Parcel parcel = WaitGet(to);
    ASSERT_EQ(parcel.handles.size(), 1u);
    IpczDriverHandle object = 0;
    ASSERT_EQ(Api().Unbox(parcel.handles[0], 0, nullptr, &object), IPCZ_RESULT_OK);
    EXPECT_EQ(network_.TextOf(object), text);
  }

  bool RelaysBecome(uint64_t count) const {
    return network_.SumBecomes(&RingwayNodeCounters::relays, count);
  }
  bool LinksAreEmpty() const {
    return network_.SumBecomes(&RingwayNodeCounters::route_ends, route_ends_);
  }
  uint64_t LinksOf(size_t node) const { return NodeCountersOf(network_.node(node)).links; }
  bool only_by_brokers() const { return network_.only_by_brokers(); }
  // Nor memory that the broker may not have given yet.
  bool needs_no_broker() const { return !only_by_brokers() && !network_.traits().delegates; }
  size_t brokers() const { return brokers_; }
  size_t size() const { return network_.size(); }
  void CloseNode(size_t i) { network_.CloseNode(i); }

 private:
  size_t NextHop(size_t from, size_t to) const {
    if (portals_.contains({from, to})) return to;
    const size_t broker = from % brokers_;
    if (from >= brokers_) return broker;
    return broker < to % brokers_ ? broker + 1 : broker - 1;
  }

  Network network_;
  const size_t brokers_;
  std::map<std::pair<size_t, size_t>, IpczHandle> portals_;  // at the first, to the second
  uint64_t route_ends_ = 0;
};

class BrokersTest : public ::testing::TestWithParam<Mode> {};

INSTANTIATE_TEST_SUITE_P(On, BrokersTest, RW_REMOTE_MODES, ModeName);

// Every node with every other one, clients and brokers.
void ExpectAllBecomeDirect(const Networks& networks) {
  std::vector<std::pair<IpczHandle, IpczHandle>> routes;
  for (size_t from = 0; from < networks.size(); ++from) {
    for (size_t to = 0; to < networks.size(); ++to) {
      if (from == to) continue;
      routes.push_back(networks.Route(from, to));
      networks.ExpectBox(routes.back().first, from, routes.back().second, "forth");
      networks.ExpectBox(routes.back().second, to, routes.back().first, "back");
    }
  }
  EXPECT_TRUE(networks.RelaysBecome(0));
  for (const auto& [a, b] : routes) {
    ExpectTalk(a, b);
    EXPECT_EQ(CountersOf(a).route, RINGWAY_ROUTE_DIRECT);
    EXPECT_EQ(CountersOf(b).route, RINGWAY_ROUTE_DIRECT);
  }
  for (const auto& [a, b] : routes) ExpectClosure(a, b);
  EXPECT_TRUE(networks.LinksAreEmpty());
}

TEST_P(BrokersTest, NodesOfTwoNetworksReachEachOtherDirectly) {
  Networks networks(GetParam(), 2);
  networks.ConnectBrokers();
  ExpectAllBecomeDirect(networks);
}

TEST_P(BrokersTest, SoDoThoseOfARowOfThree) {
  Networks networks(GetParam(), 3);
  networks.ConnectBrokers();
  ExpectAllBecomeDirect(networks);
}

TEST_P(BrokersTest, AndOfARing) {
  Networks networks(GetParam(), 3);
  networks.ConnectBrokers();
  networks.Connect(2, 0);
  ExpectAllBecomeDirect(networks);
}

TEST_P(BrokersTest, NetworksThatWereInUseMerge) {
  Networks networks(GetParam(), 2);
  const auto [a, b] = networks.Route(networks.Client(0, 0), networks.Client(0, 1));
  const auto [c, d] = networks.Route(networks.Client(1, 0), networks.Client(1, 1));
  ExpectTalk(a, b);
  ExpectTalk(c, d);
  networks.ConnectBrokers();
  // One portal of each goes to the other network.
  const IpczHandle far_b = networks.Send(b, networks.Client(0, 1), networks.Client(1, 1));
  const IpczHandle far_d = networks.Send(d, networks.Client(1, 1), networks.Client(0, 1));
  ExpectTalk(a, far_b);
  ExpectTalk(c, far_d);
  EXPECT_TRUE(networks.RelaysBecome(0));
  ExpectTalk(a, far_b);
  ExpectClosure(a, far_b);
  ExpectClosure(c, far_d);
  EXPECT_TRUE(networks.LinksAreEmpty());
}

TEST_P(BrokersTest, APortalGoesToTheOtherNetworkAndBack) {
  Networks networks(GetParam(), 2);
  networks.ConnectBrokers();
  const size_t home = networks.Client(0);
  auto [a, b] = networks.Route(home, networks.Client(0, 1));
  size_t at = networks.Client(0, 1);
  for (int round = 0; round < 6; ++round) {
    const size_t next = round % 2 == 0 ? networks.Client(1) : networks.Client(0, 1);
    ASSERT_EQ(Put(a, std::to_string(round)), IPCZ_RESULT_OK);
    b = networks.Send(b, at, next);
    at = next;
    ASSERT_EQ(WaitGet(b).data, std::to_string(round));
    networks.ExpectBox(a, home, b, "forth");
    networks.ExpectBox(b, at, a, "back");
  }
  EXPECT_TRUE(networks.RelaysBecome(0));
  ExpectClosure(b, a);
  EXPECT_TRUE(networks.LinksAreEmpty());
}

// Either the two talk, or both see the other closed, within a second.
void ExpectTalkOrEnd(const std::pair<IpczHandle, IpczHandle>& route) {
  const auto [a, b] = route;
  const bool settled = Eventually(
      [&, a = a, b = b] {
        const bool ended = PeerClosed(a);
        if (ended || PeerClosed(b)) return ended && PeerClosed(b);
        return Put(a, "x") == IPCZ_RESULT_OK && Put(b, "x") == IPCZ_RESULT_OK &&
               Eventually([&] { return Get(a).data == "x" || PeerClosed(a); }, 1) &&
               Eventually([&] { return Get(b).data == "x" || PeerClosed(b); }, 1) &&
               !PeerClosed(a) && !PeerClosed(b);
      },
      1);
  EXPECT_TRUE(settled);
}

// What a broker's end leaves: routes that need it no more, and those of the other
// network, go on.
TEST_P(BrokersTest, TheEndOfABrokerEndsNoOtherRoutes) {
  for (const size_t dies : {0, 1}) {
    Networks networks(GetParam(), 2);
    networks.ConnectBrokers();
    const size_t lives = 1 - dies;
    std::vector<std::pair<IpczHandle, IpczHandle>> routes = {
        networks.Route(networks.Client(0), networks.Client(1)),
        networks.Route(networks.Client(0, 1), networks.Client(1, 1)),
        networks.Route(networks.Client(dies), networks.Client(dies, 1)),
    };
    const auto [a, b] = networks.Route(networks.Client(lives), networks.Client(lives, 1));
    const auto [c, d] = networks.Route(networks.Client(lives), lives);
    for (const auto& [first, second] : routes) ExpectTalk(first, second);
    ExpectTalk(a, b);
    ExpectTalk(c, d);
    EXPECT_TRUE(networks.RelaysBecome(0));
    networks.CloseNode(dies);
    for (const auto& route : routes) ExpectTalkOrEnd(route);
    if (networks.needs_no_broker()) {
      for (const auto& [first, second] : routes) EXPECT_FALSE(PeerClosed(first));
    }
    ExpectTalk(a, b);
    networks.ExpectBox(a, networks.Client(lives), b, "a box");
    ExpectTalk(c, d);
    const auto [e, f] = networks.Route(networks.Client(lives, 1), networks.Client(lives));
    ExpectTalk(e, f);
    for (const auto& [first, second] : routes) {
      Close(first);
      Close(second);
    }
    ExpectClosure(a, b);
    ExpectClosure(c, d);
    ExpectClosure(e, f);
  }
}

// ... in the middle of introductions.
TEST_P(BrokersTest, ABrokerEndsWhileRoutesBecomeDirect) {
  for (const size_t dies : {0, 1, 0, 1}) {
    Networks networks(GetParam(), 2);
    networks.ConnectBrokers();
    std::vector<std::pair<IpczHandle, IpczHandle>> routes;
    for (size_t i = 0; i < 4; ++i) {
      routes.push_back(networks.Route(networks.Client(i % 2), networks.Client(1 - i % 2, i / 2)));
    }
    networks.CloseNode(dies);
    for (const auto& route : routes) ExpectTalkOrEnd(route);
    for (const auto& [first, second] : routes) {
      Close(first);
      Close(second);
    }
  }
}

TEST_P(BrokersTest, TheBrokerBetweenTwoOthersEnds) {
  Networks networks(GetParam(), 3);
  networks.ConnectBrokers();
  const auto [a, b] = networks.Route(networks.Client(0), networks.Client(2));
  ExpectTalk(a, b);
  EXPECT_TRUE(networks.RelaysBecome(0));
  networks.CloseNode(1);
  if (networks.only_by_brokers()) {
    // What it was to relay is lost, though both nodes still have their own brokers.
    EXPECT_TRUE(Eventually([&, a = a, b = b] { return PeerClosed(a) && PeerClosed(b); }, 1));
  } else {
    ExpectTalk(a, b);
  }
  const auto [c, d] = networks.Route(networks.Client(0), networks.Client(0, 1));
  networks.ExpectBox(c, networks.Client(0), d, "a box");
  EXPECT_TRUE(networks.RelaysBecome(0));
  Close(a);
  Close(b);
  ExpectClosure(c, d);
}

}  // namespace
}  // namespace ringway::testing
