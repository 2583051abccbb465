// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What portals do, whether their peers live on the same node or across a link.
// One body per behaviour, run on both.

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

#include "tests/support/ipcz_test.h"

namespace ringway::testing {
namespace {

class PortalsTest : public ::testing::TestWithParam<bool> {
 protected:
  PortalsTest() : nodes_(NodePair::Linux()) {
    if (GetParam()) {
      a_ = nodes_.a[0];
      b_ = nodes_.b[0];
    } else {
      Api().OpenPortals(nodes_.broker, IPCZ_NO_FLAGS, nullptr, &a_, &b_);
    }
  }

  NodePair nodes_;
  IpczHandle a_ = 0;
  IpczHandle b_ = 0;
};

TEST_P(PortalsTest, DeliversAParcel) {
  ASSERT_EQ(Put(a_, "hello"), IPCZ_RESULT_OK);
  EXPECT_EQ(WaitGet(b_).data, "hello");
  EXPECT_EQ(Get(b_).result, IPCZ_RESULT_UNAVAILABLE);
}

TEST_P(PortalsTest, KeepsOrderOverManyLanesAndSizes) {
  std::string payload;
  for (int i = 0; i < 3000; ++i) {
    payload = std::to_string(i) + std::string(static_cast<size_t>(i * 37 % 5000), 'x');
    ASSERT_EQ(Put(a_, payload), IPCZ_RESULT_OK) << i;
  }
  for (int i = 0; i < 3000; ++i) {
    payload = std::to_string(i) + std::string(static_cast<size_t>(i * 37 % 5000), 'x');
    const Parcel parcel = WaitGet(b_);
    ASSERT_EQ(parcel.result, IPCZ_RESULT_OK) << i;
    ASSERT_EQ(parcel.data, payload) << i;
  }
}

TEST_P(PortalsTest, CarriesLargeAndEmptyParcels) {
  std::string large(3 << 20, 'a');
  std::iota(large.begin(), large.end(), char{0});
  for (const size_t size :
       {size_t{0}, size_t{16384}, size_t{16385}, size_t{1} << 20, large.size()}) {
    ASSERT_EQ(Put(a_, large.substr(0, size)), IPCZ_RESULT_OK);
    Parcel parcel = {};
    ASSERT_TRUE(Eventually([&] { return Status(b_).num_local_parcels == 1; })) << size;
    EXPECT_EQ(Status(b_).num_local_bytes, size);
    if (size == 0) {
      EXPECT_EQ(Api().Get(b_, 0, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr), 0);
    } else {
      EXPECT_EQ(Get(b_).data, large.substr(0, size)) << size;
    }
  }
}

TEST_P(PortalsTest, TwoPhaseBothWays) {
  for (const size_t size : {size_t{0}, size_t{10}, size_t{5000}, size_t{100000}, size_t{2} << 20}) {
    size_t capacity = size;
    void* data = nullptr;
    ASSERT_EQ(Api().BeginPut(a_, 0, nullptr, &capacity, &data), IPCZ_RESULT_OK);
    ASSERT_GE(capacity, size);
    if (size != 0) std::memset(data, 'q', size);
    size_t other = 1;
    void* other_data;
    EXPECT_EQ(Api().BeginPut(a_, 0, nullptr, &other, &other_data), IPCZ_RESULT_ALREADY_EXISTS);
    ASSERT_EQ(Put(a_, "in between"), IPCZ_RESULT_OK);
    ASSERT_EQ(Api().EndPut(a_, size, nullptr, 0, 0, nullptr), IPCZ_RESULT_OK);
    EXPECT_EQ(WaitGet(b_).data, "in between");
    ASSERT_TRUE(Eventually([&] { return Status(b_).num_local_parcels == 1; }));
    const void* view = nullptr;
    size_t bytes = 7;
    size_t handles = 7;
    ASSERT_EQ(Api().BeginGet(b_, 0, nullptr, &view, &bytes, &handles), IPCZ_RESULT_OK);
    EXPECT_EQ(bytes, size);
    EXPECT_EQ(handles, 0u);
    EXPECT_EQ(std::string(static_cast<const char*>(view), bytes), std::string(size, 'q'));
    EXPECT_EQ(Get(b_).result, IPCZ_RESULT_ALREADY_EXISTS);
    EXPECT_EQ(Api().EndGet(b_, size + 1, 0, 0, nullptr, nullptr, nullptr),
              IPCZ_RESULT_OUT_OF_RANGE);
    ASSERT_EQ(Api().EndGet(b_, size, 0, 0, nullptr, nullptr, nullptr), IPCZ_RESULT_OK);
    EXPECT_EQ(Get(b_).result, IPCZ_RESULT_UNAVAILABLE);
  }
}

TEST_P(PortalsTest, SendsPortalsWithWhatIsQueued) {
  IpczHandle kept;
  IpczHandle sent;
  ASSERT_EQ(Api().OpenPortals(nodes_.broker, 0, nullptr, &kept, &sent), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(kept, "queued before"), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(kept, std::string(50000, 'b')), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(sent, "put before"), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(a_, "here", {sent}), IPCZ_RESULT_OK);
  EXPECT_EQ(Get(sent).result, IPCZ_RESULT_INVALID_ARGUMENT);
  ASSERT_EQ(Put(kept, "queued after"), IPCZ_RESULT_OK);
  const Parcel parcel = WaitGet(b_);
  ASSERT_EQ(parcel.handles.size(), 1u);
  const IpczHandle received = parcel.handles[0];
  EXPECT_EQ(WaitGet(received).data, "queued before");
  EXPECT_EQ(WaitGet(received).data, std::string(50000, 'b'));
  EXPECT_EQ(WaitGet(received).data, "queued after");
  ASSERT_EQ(Put(received, "back"), IPCZ_RESULT_OK);
  EXPECT_EQ(WaitGet(kept).data, "put before");
  EXPECT_EQ(WaitGet(kept).data, "back");
  EXPECT_EQ(Status(kept).num_remote_parcels, 0u);
  Close(received);
  EXPECT_TRUE(Eventually([&] { return PeerClosed(kept); }));
  Close(kept);
}

TEST_P(PortalsTest, SendsPortalsInsideQueuedParcels) {
  IpczHandle outer[2];
  IpczHandle inner[2];
  ASSERT_EQ(Api().OpenPortals(nodes_.broker, 0, nullptr, &outer[0], &outer[1]), IPCZ_RESULT_OK);
  ASSERT_EQ(Api().OpenPortals(nodes_.broker, 0, nullptr, &inner[0], &inner[1]), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(inner[0], "innermost"), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(outer[0], "inner", {inner[1]}), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(a_, "outer", {outer[1]}), IPCZ_RESULT_OK);
  const Parcel first = WaitGet(b_);
  ASSERT_EQ(first.handles.size(), 1u);
  const Parcel second = WaitGet(first.handles[0]);
  ASSERT_EQ(second.data, "inner");
  ASSERT_EQ(second.handles.size(), 1u);
  EXPECT_EQ(WaitGet(second.handles[0]).data, "innermost");
  for (const IpczHandle handle : {outer[0], inner[0], first.handles[0], second.handles[0]})
    Close(handle);
}

TEST_P(PortalsTest, CloseIsSeenAfterTheLastParcel) {
  IpczHandle a;
  IpczHandle b;
  ASSERT_EQ(Api().OpenPortals(nodes_.broker, 0, nullptr, &a, &b), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(a_, "", {b}), IPCZ_RESULT_OK);
  b = WaitGet(b_).handles.at(0);
  ASSERT_EQ(Put(a, "last"), IPCZ_RESULT_OK);
  Close(a);
  ASSERT_TRUE(Eventually([&] { return PeerClosed(b); }));
  EXPECT_EQ(Status(b).flags & IPCZ_PORTAL_STATUS_DEAD, 0u);
  EXPECT_EQ(Put(b, "too late"), IPCZ_RESULT_NOT_FOUND);
  EXPECT_EQ(Get(b).data, "last");
  EXPECT_EQ(Get(b).result, IPCZ_RESULT_NOT_FOUND);
  EXPECT_NE(Status(b).flags & IPCZ_PORTAL_STATUS_DEAD, 0u);
  Close(b);
}

INSTANTIATE_TEST_SUITE_P(Where, PortalsTest, ::testing::Bool(), [](const auto& info) {
  return std::string(info.param ? "AcrossALink" : "WithinANode");
});

}  // namespace
}  // namespace ringway::testing
