// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// RingwayExtensions: PutMany(), GetMany() and the counters.

#include <gtest/gtest.h>

#include <numeric>
#include <thread>

#include "tests/support/modes.h"
#include "tests/support/shim_driver.h"

namespace ringway::testing {
namespace {

class ManyTest : public ModesTest {
 protected:
  struct Got {
    IpczResult result;
    size_t bytes;
    std::vector<std::string> parcels;
  };

  // GetMany() with room for so much.
  Got GetMany(IpczHandle portal, size_t parcels_max, size_t bytes_max) {
    Got got = {};
    std::vector<RingwayReceivedParcel> parcels(parcels_max);
    std::vector<uint64_t> buffer(bytes_max / 8 + 1);
    size_t count = parcels_max;
    got.bytes = bytes_max;
    got.result =
        Extensions().GetMany(portal, 0, nullptr, buffer.data(), &got.bytes, parcels.data(), &count);
    if (got.result != IPCZ_RESULT_OK) return got;
    const char* data = reinterpret_cast<const char*>(buffer.data());
    for (size_t i = 0; i < count; ++i) {
      EXPECT_EQ(parcels[i].offset % 8, 0u);
      EXPECT_LE(parcels[i].offset + parcels[i].num_bytes, got.bytes);
      got.parcels.emplace_back(data + parcels[i].offset, parcels[i].num_bytes);
    }
    return got;
  }
  bool Arrived(IpczHandle portal, size_t count) {
    return Eventually([&] { return Status(portal).num_local_parcels == count; });
  }
};

TEST_P(ManyTest, PutManyRefusesBadArguments) {
  const RingwayParcel good = {"x", 1};
  const RingwayParcel bad[2] = {good, {nullptr, 1}};
  size_t done = 7;
  EXPECT_EQ(Extensions().PutMany(a_, nullptr, 1, 0, nullptr, &done), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Extensions().PutMany(a_, &good, 1, 1, nullptr, &done), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Extensions().PutMany(a_, bad, 2, 0, nullptr, &done), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(done, 0u);
  IpczPutOptions options = {sizeof(options) - 1, nullptr};
  EXPECT_EQ(Extensions().PutMany(a_, &good, 1, 0, &options, &done), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Extensions().PutMany(a_, nullptr, 0, 0, nullptr, nullptr), IPCZ_RESULT_OK);
  EXPECT_EQ(Get(b_).result, IPCZ_RESULT_UNAVAILABLE);
}

TEST_P(ManyTest, ManyOfAllSizesArriveInOrder) {
  std::vector<std::string> texts;
  std::vector<RingwayParcel> parcels;
  for (size_t i = 0; i < 500; ++i) {
    texts.push_back(
        std::string(i * i % 3001 + (i % 50 == 0 ? 40'000 : 0), static_cast<char>('a' + i % 26)));
  }
  for (const std::string& text : texts) parcels.push_back({text.data(), text.size()});
  size_t done = 0;
  ASSERT_EQ(Extensions().PutMany(a_, parcels.data(), parcels.size(), 0, nullptr, &done),
            IPCZ_RESULT_OK);
  EXPECT_EQ(done, 500u);
  ASSERT_TRUE(Arrived(b_, 500));
  std::vector<std::string> got;
  while (got.size() < texts.size()) {
    const Got some = GetMany(b_, 1 + got.size() % 40, 60'000);
    ASSERT_EQ(some.result, IPCZ_RESULT_OK) << got.size();
    got.insert(got.end(), some.parcels.begin(), some.parcels.end());
  }
  EXPECT_EQ(got, texts);
  EXPECT_EQ(GetMany(b_, 1, 10).result, IPCZ_RESULT_UNAVAILABLE);
}

TEST_P(ManyTest, GetManyRefusesBadArguments) {
  ASSERT_EQ(Put(a_, "x"), IPCZ_RESULT_OK);
  ASSERT_TRUE(Arrived(b_, 1));
  char buffer[8];
  RingwayReceivedParcel parcel;
  size_t bytes = 8;
  size_t count = 1;
  const auto& x = Extensions();
  EXPECT_EQ(x.GetMany(b_, 1, nullptr, buffer, &bytes, &parcel, &count),
            IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(x.GetMany(b_, 0, nullptr, nullptr, &bytes, &parcel, &count),
            IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(x.GetMany(b_, 0, nullptr, buffer, nullptr, &parcel, &count),
            IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(x.GetMany(b_, 0, nullptr, buffer, &bytes, nullptr, &count),
            IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(x.GetMany(b_, 0, nullptr, buffer, &bytes, &parcel, nullptr),
            IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Get(b_).data, "x");
}

TEST_P(ManyTest, GetManyStopsWhereTheBufferEnds) {
  for (const char* text : {"0123456789", "abcdef", "", "z"}) ASSERT_EQ(Put(a_, text), 0);
  ASSERT_TRUE(Arrived(b_, 4));
  Got got = GetMany(b_, 9, 9);
  EXPECT_EQ(got.result, IPCZ_RESULT_RESOURCE_EXHAUSTED);
  EXPECT_EQ(got.bytes, 10u) << "what the first takes";
  got = GetMany(b_, 9, 21);
  ASSERT_EQ(got.result, IPCZ_RESULT_OK);
  EXPECT_EQ(got.parcels, (std::vector<std::string>{"0123456789"})) << "the second starts at 16";
  got = GetMany(b_, 9, 6);
  EXPECT_EQ(got.parcels, (std::vector<std::string>{"abcdef"}));
  got = GetMany(b_, 1, 100);
  EXPECT_EQ(got.parcels, (std::vector<std::string>{""}));
  got = GetMany(b_, 9, 100);
  EXPECT_EQ(got.parcels, (std::vector<std::string>{"z"}));
  EXPECT_EQ(got.bytes, 1u);
}

TEST_P(ManyTest, GetManyStopsBeforeHandles) {
  ASSERT_EQ(Put(a_, "plain"), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(a_, "with a box", {MakeBox(node_a_, "box")}), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(a_, "plain again"), IPCZ_RESULT_OK);
  ASSERT_TRUE(Arrived(b_, 3));
  EXPECT_EQ(GetMany(b_, 9, 100).parcels, (std::vector<std::string>{"plain"}));
  EXPECT_EQ(GetMany(b_, 9, 100).result, IPCZ_RESULT_FAILED_PRECONDITION);
  EXPECT_EQ(TextIn(Get(b_).handles.at(0)), "box");
  EXPECT_EQ(GetMany(b_, 9, 100).parcels, (std::vector<std::string>{"plain again"}));
}

TEST_P(ManyTest, GetManyKnowsTheOtherStates) {
  const auto [a, b] = Pair();
  ASSERT_EQ(Put(a, "0123456789"), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(a, "next"), IPCZ_RESULT_OK);
  Close(a);
  ASSERT_TRUE(Eventually([&, b = b] { return PeerClosed(b); }));
  const void* data;
  size_t bytes;
  ASSERT_EQ(Api().BeginGet(b, 0, nullptr, &data, &bytes, nullptr), IPCZ_RESULT_OK);
  EXPECT_EQ(GetMany(b, 9, 100).result, IPCZ_RESULT_ALREADY_EXISTS);
  ASSERT_EQ(Api().EndGet(b, 4, 0, 0, nullptr, nullptr, nullptr), IPCZ_RESULT_OK);
  EXPECT_EQ(GetMany(b, 9, 100).parcels, (std::vector<std::string>{"456789", "next"}));
  EXPECT_EQ(GetMany(b, 9, 100).result, IPCZ_RESULT_NOT_FOUND);
  const RingwayParcel parcel = {"x", 1};
  size_t done = 7;
  EXPECT_EQ(Extensions().PutMany(b, &parcel, 1, 0, nullptr, &done), IPCZ_RESULT_NOT_FOUND);
  EXPECT_EQ(done, 0u);
  Close(b);
}

TEST_P(ManyTest, PortalCountersCount) {
  const auto [a, b] = Pair();
  for (const char* text : {"1", "22", "333"}) ASSERT_EQ(Put(a, text), IPCZ_RESULT_OK);
  EXPECT_EQ(WaitGet(b).data, "1");
  RingwayPortalCounters counters = CountersOf(a);
  EXPECT_EQ(counters.parcels_put, 3u);
  EXPECT_EQ(counters.bytes_put, 6u);
  EXPECT_EQ(counters.parcels_got, 0u);
  EXPECT_GT(counters.lane_bytes_out, 0u);
  EXPECT_EQ(counters.lane_bytes_in, 0u);
  EXPECT_EQ(counters.route, is_remote() ? RINGWAY_ROUTE_DIRECT : RINGWAY_ROUTE_LOCAL);
  EXPECT_EQ(counters.local_parcels, 0u);
  EXPECT_TRUE(Eventually([&a = a] { return CountersOf(a).remote_parcels == 2; }));
  EXPECT_EQ(CountersOf(a).remote_bytes, 5u);
  counters = CountersOf(b);
  EXPECT_EQ(counters.local_parcels, 2u);
  EXPECT_EQ(counters.local_bytes, 5u);
  EXPECT_EQ(counters.remote_parcels, 0u);
  EXPECT_EQ(counters.parcels_put, 0u);
  EXPECT_EQ(counters.parcels_got, 1u);
  EXPECT_EQ(counters.bytes_got, 1u);
  EXPECT_GT(counters.lane_bytes_in, 0u);
  counters.size = sizeof(counters) - 1;
  EXPECT_EQ(Extensions().QueryPortalCounters(b, &counters), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Extensions().QueryPortalCounters(b, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  Close(a);
  Close(b);
}

TEST_P(ManyTest, CountersGoAlongWithASentPortal) {
  IpczHandle kept;
  IpczHandle sent;
  ASSERT_EQ(Api().OpenPortals(node_a_, 0, nullptr, &kept, &sent), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(kept, "12345"), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(kept, "67"), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(sent, "890"), IPCZ_RESULT_OK);
  ASSERT_EQ(Get(sent).result, IPCZ_RESULT_OK);
  ASSERT_EQ(Put(a_, "", {sent}), IPCZ_RESULT_OK);
  const IpczHandle received = WaitGet(b_).handles.at(0);
  EXPECT_EQ(CountersOf(received).parcels_put, 1u);
  EXPECT_EQ(CountersOf(received).bytes_put, 3u);
  EXPECT_EQ(CountersOf(received).parcels_got, 1u);
  EXPECT_EQ(CountersOf(received).bytes_got, 5u);
  EXPECT_EQ(CountersOf(kept).parcels_put, 2u);
  EXPECT_TRUE(Eventually([&] { return Status(kept).num_remote_parcels == 1; }));
  EXPECT_EQ(Status(kept).num_remote_bytes, 2u);
  Close(kept);
  Close(received);
}

TEST_P(ManyTest, NodeCountersReturnToWhereTheyWere) {
  const RingwayNodeCounters before = NodeCountersOf(node_a_);
  const RingwayNodeCounters before_b = NodeCountersOf(node_b_);
  const auto [a, b] = Pair();
  EXPECT_GT(NodeCountersOf(node_a_).portals, before.portals);
  Close(a);
  Close(b);
  EXPECT_TRUE(Eventually([&] { return NodeCountersOf(node_a_).portals == before.portals; }));
  EXPECT_TRUE(Eventually([&] { return NodeCountersOf(node_b_).portals == before_b.portals; }));
  const uint64_t links = !is_remote() ? 0 : network_->only_by_brokers() ? 2 : 1;
  EXPECT_TRUE(Eventually([&] { return NodeCountersOf(node_a_).links == links; }));
  EXPECT_EQ(NodeCountersOf(node_a_).links_broken, 0u);
  EXPECT_EQ(NodeCountersOf(node_a_).links_refused, 0u);
  RingwayNodeCounters counters = {};
  EXPECT_EQ(Extensions().QueryNodeCounters(node_a_, &counters), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Extensions().QueryNodeCounters(node_a_, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
}

INSTANTIATE_TEST_SUITE_P(Where, ManyTest, RW_ALL_MODES, ModeName);

// A driver without the extension: portable memory, waiting through messages.
TEST(PlainDriverTest, WorksWithoutTheExtension) {
  IpczDriverHandle transports[2];
  RingwayLinuxCreateTransportPair(&transports[0], &transports[1]);
  NodePair nodes(PlainDriver(), transports[0], transports[1]);
  std::thread echo([&] {
    for (int i = 0; i < 500; ++i) {
      RingwayWaitItem item = {nodes.b[0], RINGWAY_WAIT_READABLE, 0, 0, 0};
      if (Extensions().Wait(&item, 1, RINGWAY_WAIT_MODE_PARK, RINGWAY_NO_DEADLINE) != 0) return;
      Put(nodes.b[0], Get(nodes.b[0]).data);
    }
  });
  for (int i = 0; i < 500; ++i) {
    const std::string text(static_cast<size_t>(i) * 100, 'p');
    ASSERT_EQ(Put(nodes.a[0], text + "!"), IPCZ_RESULT_OK);
    RingwayWaitItem item = {nodes.a[0], RINGWAY_WAIT_READABLE, 0, 0, 0};
    ASSERT_EQ(Extensions().Wait(&item, 1, RINGWAY_WAIT_MODE_PARK, RINGWAY_NO_DEADLINE), 0);
    ASSERT_EQ(Get(nodes.a[0]).data, text + "!");
  }
  echo.join();
}

}  // namespace
}  // namespace ringway::testing
