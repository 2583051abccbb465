// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Many nodes, each with a route to every other one.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/support/modes.h"

namespace ringway::testing {
namespace {

constexpr size_t kNodes = 64;

// Links cost descriptors while they are made, and all of them end at once.
void RaiseDescriptorLimit() {
  rlimit limit = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = limit.rlim_max;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

class MeshTest : public ::testing::TestWithParam<Mode> {
 protected:
  struct End {
    IpczHandle portal = 0;
    size_t node = 0;
    size_t peer = 0;
  };

  // Each node gets a portal for each other one. The broker hands them out.
  void MakeMesh() {
    for (size_t i = 0; i < kNodes; ++i) network_.AddNode(i == 0);
    for (size_t i = 1; i < kNodes; ++i) clients_.push_back(network_.Connect(0, i, 1)[0]);
    for (size_t i = 1; i < kNodes; ++i) {
      for (size_t j = i + 1; j < kNodes; ++j) {
        IpczHandle pair[2] = {};
        ASSERT_EQ(Api().OpenPortals(network_.node(0), 0, nullptr, &pair[0], &pair[1]),
                  IPCZ_RESULT_OK);
        ASSERT_EQ(Put(clients_[i - 1].first, std::to_string(j), {pair[0]}), IPCZ_RESULT_OK);
        ASSERT_EQ(Put(clients_[j - 1].first, std::to_string(i), {pair[1]}), IPCZ_RESULT_OK);
      }
    }
    for (size_t i = 1; i < kNodes; ++i) {
      for (size_t count = 2; count < kNodes; ++count) {
        const Parcel parcel = WaitGet(clients_[i - 1].second);
        ASSERT_EQ(parcel.handles.size(), 1u);
        ends_.push_back({parcel.handles[0], i, std::stoul(parcel.data)});
      }
      ends_.push_back({clients_[i - 1].first, 0, i});
      ends_.push_back({clients_[i - 1].second, i, 0});
    }
    ASSERT_EQ(ends_.size(), kNodes * (kNodes - 1));
  }

  static std::string TextFrom(size_t node, size_t to, int round) {
    return std::to_string(node) + " to " + std::to_string(to) + ", " + std::to_string(round);
  }
  void ExpectExchange(int rounds) const {
    for (int round = 0; round < rounds; ++round) {
      for (const End& end : ends_) {
        ASSERT_EQ(Put(end.portal, TextFrom(end.node, end.peer, round)), IPCZ_RESULT_OK);
      }
    }
    for (int round = 0; round < rounds; ++round) {
      for (const End& end : ends_) {
        ASSERT_EQ(WaitGet(end.portal).data, TextFrom(end.peer, end.node, round));
      }
    }
  }

  Network network_{GetParam()};
  Network::Portals clients_;
  std::vector<End> ends_;
};

INSTANTIATE_TEST_SUITE_P(On, MeshTest,
                         ::testing::Values(Mode::kAcrossALink, Mode::kAcrossAnAsyncDriver),
                         ModeName);

TEST_P(MeshTest, SixtyFourNodesExchangeParcelsDirectly) {
  ASSERT_NO_FATAL_FAILURE(RaiseDescriptorLimit());
  ASSERT_NO_FATAL_FAILURE(MakeMesh());
  ASSERT_NO_FATAL_FAILURE(ExpectExchange(3));
  EXPECT_TRUE(network_.SumBecomes(&RingwayNodeCounters::relays, 0));
  EXPECT_TRUE(network_.SumBecomes(&RingwayNodeCounters::links, ends_.size()));
  ASSERT_NO_FATAL_FAILURE(ExpectExchange(3));
  for (const End& end : ends_) {
    ASSERT_EQ(CountersOf(end.portal).route, RINGWAY_ROUTE_DIRECT);
    ASSERT_FALSE(PeerClosed(end.portal));
  }
  for (const End& end : ends_) Close(end.portal);
}

}  // namespace
}  // namespace ringway::testing
