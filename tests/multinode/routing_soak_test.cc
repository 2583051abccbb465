// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Random moves, merges, puts, gets and closes on several nodes, replayable from
// a seed (RW_SEED=N runs that one alone): every parcel arrives once and in its
// order, every end is heard of, and in the end no relay is left.

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/multinode/row.h"

namespace ringway::testing {
namespace {

constexpr size_t kNodes = 4;

// One end of a route that the test holds.
struct End {
  IpczHandle portal = 0;
  size_t node = 0;
  int put = 0;  // numbers of the next parcels
  int got = 0;
};

class Soak {
 public:
  Soak(Mode mode, uint32_t seed) : row_(mode, kNodes), random_(seed) {}

  void Run(int steps) {
    for (int step = 0; step < steps && !::testing::Test::HasFailure(); ++step) Step();
    for (auto& [a, b] : routes_) {
      DrainInto(a, b);
      DrainInto(b, a);
    }
    EXPECT_TRUE(row_.RelaysBecome(0));
    for (auto& [a, b] : routes_) {
      PutNumber(a);
      GetNumber(b);
      Close(a.portal);
      EXPECT_TRUE(Eventually([&, b = b] { return Get(b.portal).result == IPCZ_RESULT_NOT_FOUND; }));
      Close(b.portal);
    }
    EXPECT_TRUE(row_.LinksAreEmpty());
  }

 private:
  size_t Below(size_t bound) { return random_() % bound; }

  void Step() {
    if (routes_.empty() || (routes_.size() < 6 && Below(12) == 0)) return Open();
    auto& route = routes_[Below(routes_.size())];
    End& end = Below(2) == 0 ? route.first : route.second;
    End& other = &end == &route.first ? route.second : route.first;
    const size_t what = Below(100);
    if (what < 45) {
      PutNumber(end);
    } else if (what < 75) {
      if (end.got < other.put) GetNumber(end);
    } else if (what < 97) {
      const size_t to = Below(kNodes);
      end.portal = row_.SendAlong(end.portal, end.node, to);
      end.node = to;
    } else {
      CloseRoute(&route - routes_.data());
    }
  }

  // A route of one pair, or of two that are merged, some used before.
  void Open() {
    const size_t node = Below(kNodes);
    auto [a, b] = row_.Pair(node);
    std::pair<End, End> route = {End{a, node, 0, 0}, End{b, node, 0, 0}};
    if (Below(2) == 0) {
      auto [c, d] = row_.Pair(node);
      route.second.portal = d;
      MaybeUse(route.first);
      MaybeUse(route.second);
      EXPECT_EQ(Api().MergePortals(b, c, 0, nullptr), IPCZ_RESULT_OK);
    }
    routes_.push_back(route);
  }

  void MaybeUse(End& end) {
    if (Below(2) == 0) PutNumber(end);
    if (Below(2) == 0) return;
    const size_t to = Below(kNodes);
    end.portal = row_.SendAlong(end.portal, end.node, to);
    end.node = to;
  }

  void CloseRoute(ptrdiff_t index) {
    auto& [a, b] = routes_[static_cast<size_t>(index)];
    Close(a.portal);
    DrainInto(a, b);
    EXPECT_TRUE(Eventually([&, b = b] { return Get(b.portal).result == IPCZ_RESULT_NOT_FOUND; }));
    EXPECT_TRUE(PeerClosed(b.portal));
    Close(b.portal);
    routes_.erase(routes_.begin() + index);
  }

  void PutNumber(End& end) {
    const std::string text = std::to_string(end.put);
    const bool boxed = end.put % 5 == 4;
    const std::string data = end.put % 7 == 6 ? text + std::string(20'000, '.') : text;
    const IpczResult result =
        boxed ? Put(end.portal, data, {row_.MakeBox(end.node, text)}) : Put(end.portal, data);
    ASSERT_EQ(result, IPCZ_RESULT_OK);
    ++end.put;
  }

  void GetNumber(End& end) {
    const Parcel parcel = WaitGet(end.portal);
    const std::string text = std::to_string(end.got);
    ASSERT_EQ(parcel.data.substr(0, parcel.data.find('.')), text);
    ASSERT_EQ(parcel.data.size() > 20'000, end.got % 7 == 6);
    ASSERT_EQ(parcel.handles.size(), end.got % 5 == 4 ? 1u : 0u);
    if (!parcel.handles.empty()) {
      ASSERT_EQ(row_.TextIn(parcel.handles[0]), text);
    }
    ++end.got;
  }

  void DrainInto(End& from, End& to) {
    while (to.got < from.put && !::testing::Test::HasFailure()) GetNumber(to);
  }

  Row row_;
  std::mt19937 random_;
  std::vector<std::pair<End, End>> routes_;
};

class RoutingSoakTest : public ::testing::TestWithParam<Mode> {};

INSTANTIATE_TEST_SUITE_P(On, RoutingSoakTest, RW_REMOTE_MODES, ModeName);

TEST_P(RoutingSoakTest, EveryParcelArrivesOnceAndNoRelayStays) {
  const char* const only = std::getenv("RW_SEED");
  const uint32_t first = only ? static_cast<uint32_t>(std::strtoul(only, nullptr, 10)) : 1;
  const uint32_t seeds = TraitsOf(GetParam()).processes ? 8 : 40;  // calls take longer
  const uint32_t last = only ? first : seeds;
  for (uint32_t seed = first; seed <= last && !HasFailure(); ++seed) {
    Soak(GetParam(), seed).Run(400);
    EXPECT_FALSE(HasFailure()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace ringway::testing
