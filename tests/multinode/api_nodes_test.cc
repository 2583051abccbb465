// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What the entry points for nodes, boxes and handles in general answer.

#include <gtest/gtest.h>

#include <cstring>

#include "tests/support/modes.h"
#include "tests/support/process.h"
#include "tests/support/shim_driver.h"
#include "tests/support/sync_driver.h"

namespace ringway::testing {
namespace {

IpczHandle MakeNode(IpczCreateNodeFlags flags = IPCZ_NO_FLAGS) {
  IpczHandle node = 0;
  EXPECT_EQ(Api().CreateNode(RingwayLinuxDriver(), 0, flags, nullptr, &node), IPCZ_RESULT_OK);
  return node;
}

TEST(GetApiTest, RefusesNoTableAndOneTooSmall) {
  EXPECT_EQ(IpczGetAPI(nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  IpczAPI api = {};
  EXPECT_EQ(IpczGetAPI(&api), IPCZ_RESULT_INVALID_ARGUMENT);
  api.size = sizeof(api) - 1;
  EXPECT_EQ(IpczGetAPI(&api), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(RingwayGetExtensions(nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  RingwayExtensions extensions = {};
  extensions.size = sizeof(extensions) - 1;
  EXPECT_EQ(RingwayGetExtensions(&extensions), IPCZ_RESULT_INVALID_ARGUMENT);
}

TEST(GetApiTest, LowersTheSizeOfALargerTableAndLeavesItsEnd) {
  struct {
    IpczAPI api;
    uint64_t more;
  } larger = {};
  larger.api.size = sizeof(larger);
  larger.more = 77;
  ASSERT_EQ(IpczGetAPI(&larger.api), IPCZ_RESULT_OK);
  EXPECT_EQ(larger.api.size, sizeof(IpczAPI));
  EXPECT_EQ(larger.more, 77u);
  const auto* entries = reinterpret_cast<const uintptr_t*>(&larger.api);
  for (size_t i = 1; i < sizeof(IpczAPI) / sizeof(uintptr_t); ++i) EXPECT_NE(entries[i], 0u) << i;
}

TEST(CreateNodeTest, RefusesWhatIsNoDriver) {
  IpczHandle node = 42;
  EXPECT_EQ(Api().CreateNode(nullptr, 0, 0, nullptr, &node), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Api().CreateNode(RingwayLinuxDriver(), 0, 0, nullptr, nullptr),
            IPCZ_RESULT_INVALID_ARGUMENT);
  IpczDriver driver = *SyncDriver();
  driver.size = sizeof(driver) - 1;
  EXPECT_EQ(Api().CreateNode(&driver, 0, 0, nullptr, &node), IPCZ_RESULT_INVALID_ARGUMENT);
  driver = *SyncDriver();
  for (size_t i = 1; i < sizeof(driver) / sizeof(uintptr_t); ++i) {
    IpczDriver broken = driver;
    std::memset(reinterpret_cast<uintptr_t*>(&broken) + i, 0, sizeof(uintptr_t));
    EXPECT_EQ(Api().CreateNode(&broken, 0, 0, nullptr, &node), IPCZ_RESULT_INVALID_ARGUMENT) << i;
  }
  EXPECT_EQ(node, 42u);
}

TEST(CreateNodeTest, NodesAreIndependent) {
  const IpczHandle first = MakeNode();
  const IpczHandle second = MakeNode(IPCZ_CREATE_NODE_AS_BROKER);
  EXPECT_NE(first, second);
  EXPECT_EQ(Api().Close(first, 0, nullptr), IPCZ_RESULT_OK);
  IpczHandle a;
  IpczHandle b;
  EXPECT_EQ(Api().OpenPortals(first, 0, nullptr, &a, &b), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Api().OpenPortals(second, 0, nullptr, &a, &b), IPCZ_RESULT_OK);
  for (const IpczHandle handle : {a, b, second}) Close(handle);
}

// Values that name nothing, or something of another kind than `kind`.
class WrongHandles {
 public:
  enum Kind { kNode, kPortal, kBox, kValidator };

  explicit WrongHandles(Kind kind) : node_(MakeNode()) {
    Api().OpenPortals(node_, 0, nullptr, &portal_, &other_);
    Api().Box(node_, MakeFile("x"), 0, nullptr, &box_);
    Put(portal_, "x");
    Get(other_, &validator_);
    const IpczHandle kinds[] = {node_, portal_, box_, validator_};
    for (int each = 0; each < 4; ++each) {
      if (each != kind) values_.push_back(kinds[each]);
    }
    IpczHandle a;
    IpczHandle b;
    Api().OpenPortals(node_, 0, nullptr, &a, &b);
    Close(a);
    Close(b);
    for (const IpczHandle value :
         {IpczHandle{0}, IpczHandle{1}, IpczHandle{12345}, a, b, ~IpczHandle{0},
          IpczHandle{1} << 32, reinterpret_cast<IpczHandle>(this), portal_ ^ IpczHandle{1} << 63,
          portal_ + (IpczHandle{1} << 32)}) {
      values_.push_back(value);
    }
  }
  ~WrongHandles() {
    for (const IpczHandle handle : {portal_, other_, box_, validator_, node_}) Close(handle);
  }
  const std::vector<IpczHandle>& values() const { return values_; }

 private:
  const IpczHandle node_;
  IpczHandle portal_ = 0;
  IpczHandle other_ = 0;
  IpczHandle box_ = 0;
  IpczHandle validator_ = 0;
  std::vector<IpczHandle> values_;
};

TEST(WrongHandlesTest, AreRefusedByEntryPointsForNodes) {
  const WrongHandles wrong(WrongHandles::kNode);
  IpczDriverHandle transports[2];
  RingwayLinuxCreateTransportPair(&transports[0], &transports[1]);
  const IpczDriverHandle file = MakeFile("x");
  RingwayNodeCounters counters = {};
  counters.size = sizeof(counters);
  for (const IpczHandle handle : wrong.values()) {
    IpczHandle a;
    IpczHandle b;
    EXPECT_EQ(Api().OpenPortals(handle, 0, nullptr, &a, &b), IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(Api().ConnectNode(handle, transports[0], 1, 0, nullptr, &a),
              IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(Api().Box(handle, file, 0, nullptr, &a), IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(Extensions().QueryNodeCounters(handle, &counters), IPCZ_RESULT_INVALID_ARGUMENT);
  }
  for (const IpczDriverHandle each : {transports[0], transports[1], file}) {
    EXPECT_EQ(RingwayLinuxDriver()->Close(each, 0, nullptr), IPCZ_RESULT_OK) << "was consumed";
  }
}

TEST(WrongHandlesTest, AreRefusedByEntryPointsForPortals) {
  const WrongHandles wrong(WrongHandles::kPortal);
  IpczPortalStatus status = {};
  status.size = sizeof(status);
  RingwayPortalCounters counters = {};
  counters.size = sizeof(counters);
  const IpczTrapConditions conditions = Conditions(IPCZ_TRAP_PEER_CLOSED);
  const RingwayParcel parcel = {"x", 1};
  const IpczHandle node = MakeNode();
  IpczHandle good[2];
  Api().OpenPortals(node, 0, nullptr, &good[0], &good[1]);
  for (const IpczHandle handle : wrong.values()) {
    SCOPED_TRACE(handle);
    size_t bytes = 1;
    void* data;
    const void* view;
    char buffer[8];
    EXPECT_EQ(Put(handle, "x"), IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(Put(handle, "x", {good[0]}), IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(Api().BeginPut(handle, 0, nullptr, &bytes, &data), IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(Api().EndPut(handle, 0, nullptr, 0, 0, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(Api().EndPut(handle, 0, nullptr, 0, IPCZ_END_PUT_ABORT, nullptr),
              IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(Get(handle).result, IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(Api().BeginGet(handle, 0, nullptr, &view, &bytes, &bytes),
              IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(Api().EndGet(handle, 0, 0, 0, nullptr, nullptr, nullptr),
              IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(Api().EndGet(handle, 0, 0, IPCZ_END_GET_ABORT, nullptr, nullptr, nullptr),
              IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(Api().QueryPortalStatus(handle, 0, nullptr, &status), IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(
        Api().Trap(
            handle, &conditions, [](const IpczTrapEvent*) {}, 0, 0, nullptr, nullptr, nullptr),
        IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(Api().MergePortals(handle, good[0], 0, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(Api().MergePortals(good[0], handle, 0, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(Extensions().PutMany(handle, &parcel, 1, 0, nullptr, nullptr),
              IPCZ_RESULT_INVALID_ARGUMENT);
    RingwayReceivedParcel received;
    size_t count = 1;
    bytes = sizeof(buffer);
    EXPECT_EQ(Extensions().GetMany(handle, 0, nullptr, buffer, &bytes, &received, &count),
              IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(Extensions().QueryPortalCounters(handle, &counters), IPCZ_RESULT_INVALID_ARGUMENT);
    RingwayWaitItem items[2] = {{good[0], RINGWAY_WAIT_READABLE, 0, 0, 0},
                                {handle, RINGWAY_WAIT_READABLE, 0, 0, 0}};
    EXPECT_EQ(Extensions().Wait(items, 2, 0, 0), IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(Extensions().Wait(items + 1, 1, RINGWAY_WAIT_MODE_PARK, 0),
              IPCZ_RESULT_INVALID_ARGUMENT);
  }
  for (const IpczHandle handle : {good[0], good[1], node}) Close(handle);
}

TEST(WrongHandlesTest, AreRefusedByUnboxRejectAndClose) {
  const WrongHandles no_box(WrongHandles::kBox);
  for (const IpczHandle handle : no_box.values()) {
    IpczDriverHandle object;
    EXPECT_EQ(Api().Unbox(handle, 0, nullptr, &object), IPCZ_RESULT_INVALID_ARGUMENT);
    EXPECT_EQ(Api().Unbox(handle, IPCZ_UNBOX_PEEK, nullptr, &object), IPCZ_RESULT_INVALID_ARGUMENT);
  }
  const WrongHandles no_validator(WrongHandles::kValidator);
  for (const IpczHandle handle : no_validator.values()) {
    EXPECT_EQ(Api().Reject(handle, 0, 0, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  }
  const WrongHandles nothing(WrongHandles::kNode);
  for (size_t i = 3; i < nothing.values().size(); ++i) {
    EXPECT_EQ(Api().Close(nothing.values()[i], 0, nullptr), IPCZ_RESULT_INVALID_ARGUMENT) << i;
  }
}

TEST(OpenPortalsTest, RefusesNoPlaceForThem) {
  const IpczHandle node = MakeNode();
  IpczHandle portal = 42;
  EXPECT_EQ(Api().OpenPortals(node, 0, nullptr, nullptr, &portal), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Api().OpenPortals(node, 0, nullptr, &portal, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(portal, 42u);
  EXPECT_EQ(NodeCountersOf(node).portals, 0u);
  Close(node);
}

TEST(MergePortalsTest, RefusesOnePortalTwiceAndPeers) {
  const IpczHandle node = MakeNode();
  IpczHandle portals[2];
  Api().OpenPortals(node, 0, nullptr, &portals[0], &portals[1]);
  EXPECT_EQ(Api().MergePortals(portals[0], portals[0], 0, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Api().MergePortals(portals[0], portals[1], 0, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Put(portals[0], "still works"), IPCZ_RESULT_OK);
  EXPECT_EQ(Get(portals[1]).data, "still works");
  for (const IpczHandle handle : {portals[0], portals[1], node}) Close(handle);
}

TEST(QueryPortalStatusTest, RefusesNoStatusAndAWrongSize) {
  const IpczHandle node = MakeNode();
  IpczHandle portals[2];
  Api().OpenPortals(node, 0, nullptr, &portals[0], &portals[1]);
  IpczPortalStatus status = {};
  EXPECT_EQ(Api().QueryPortalStatus(portals[0], 0, nullptr, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Api().QueryPortalStatus(portals[0], 0, nullptr, &status), IPCZ_RESULT_INVALID_ARGUMENT);
  status.size = sizeof(status) - 1;
  EXPECT_EQ(Api().QueryPortalStatus(portals[0], 0, nullptr, &status), IPCZ_RESULT_INVALID_ARGUMENT);
  status.size = sizeof(status);
  EXPECT_EQ(Api().QueryPortalStatus(portals[0], 0, nullptr, &status), IPCZ_RESULT_OK);
  EXPECT_EQ(status.size, sizeof(status));
  for (const IpczHandle handle : {portals[0], portals[1], node}) Close(handle);
}

TEST(BoxTest, OwnsItsObjectUntilUnboxed) {
  const Footprint before = MeasureFootprint();
  const IpczHandle node = MakeNode();
  const IpczDriverHandle file = MakeFile("in a box");
  IpczHandle box = 0;
  EXPECT_EQ(Api().Box(node, 0, 0, nullptr, &box), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Api().Box(node, file, 0, nullptr, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  ASSERT_EQ(Api().Box(node, file, 0, nullptr, &box), IPCZ_RESULT_OK);
  IpczDriverHandle object = 0;
  EXPECT_EQ(Api().Unbox(box, 0, nullptr, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Api().Unbox(box, IPCZ_UNBOX_PEEK, nullptr, &object), IPCZ_RESULT_OK);
    EXPECT_EQ(object, file);
  }
  EXPECT_EQ(Api().Unbox(box, 0, nullptr, &object), IPCZ_RESULT_OK);
  EXPECT_EQ(object, file);
  EXPECT_EQ(Api().Unbox(box, 0, nullptr, &object), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Api().Unbox(box, IPCZ_UNBOX_PEEK, nullptr, &object), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Api().Close(box, 0, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  ASSERT_EQ(Api().Box(node, object, 0, nullptr, &box), IPCZ_RESULT_OK);
  EXPECT_EQ(Api().Close(box, 0, nullptr), IPCZ_RESULT_OK);
  EXPECT_EQ(RingwayLinuxDriver()->Close(file, 0, nullptr), IPCZ_RESULT_INVALID_ARGUMENT)
      << "the box did not close it";
  Close(node);
  EXPECT_TRUE(ReturnsTo(before)) << Describe(MeasureFootprint());
}

}  // namespace
}  // namespace ringway::testing
