// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Sentences of the public header that no other test has: docs/conformance.md.

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <map>
#include <string>

#include "tests/support/modes.h"

namespace ringway::testing {
namespace {

class HeaderTest : public ModesTest {};

TEST_P(HeaderTest, ThresholdsWithoutTheirFlagsAreIgnored) {
  ASSERT_EQ(Put(a_, "12345"), IPCZ_RESULT_OK);
  ASSERT_TRUE(Eventually([&] { return Status(b_).num_local_parcels == 1; }));
  // Each would hold, if its flag were set.
  const IpczTrapConditions all_hold = {sizeof(all_hold), IPCZ_TRAP_DEAD, 0, 0, SIZE_MAX, SIZE_MAX};
  TrapLog log;
  EXPECT_EQ(log.Install(b_, all_hold), IPCZ_RESULT_OK);
  EXPECT_EQ(log.Install(a_, all_hold), IPCZ_RESULT_OK);
  EXPECT_EQ(log.size(), 0u);
}

TEST_P(HeaderTest, EventsOfTrapsSayHowLargeTheyAre) {
  struct Sizes {
    std::atomic<size_t> event{0};
    std::atomic<size_t> status{0};
  } sizes;
  const auto handler = [](const IpczTrapEvent* event) {
    auto* told = reinterpret_cast<Sizes*>(event->context);
    told->status = event->status->size;
    told->event = event->size;
  };
  const IpczTrapConditions conditions = Conditions(IPCZ_TRAP_NEW_LOCAL_PARCEL);
  ASSERT_EQ(Api().Trap(b_, &conditions, handler, reinterpret_cast<uintptr_t>(&sizes), 0, nullptr,
                       nullptr, nullptr),
            IPCZ_RESULT_OK);
  ASSERT_EQ(Put(a_, "x"), IPCZ_RESULT_OK);
  EXPECT_TRUE(Eventually([&] { return sizes.event != 0; }));
  EXPECT_EQ(sizes.event, sizeof(IpczTrapEvent));
  EXPECT_EQ(sizes.status, sizeof(IpczPortalStatus));
}

TEST_P(HeaderTest, ATrapThatIsInstalledTouchesNoOutputs) {
  IpczTrapConditionFlags flags = 77;
  IpczPortalStatus status = {sizeof(status), 77, 77, 77, 77, 77};
  TrapLog log;
  ASSERT_EQ(log.Install(b_, Conditions(IPCZ_TRAP_DEAD), 0, &flags, &status), IPCZ_RESULT_OK);
  EXPECT_EQ(flags, 77u);
  EXPECT_EQ(status.num_local_parcels, 77u);
}

TEST_P(HeaderTest, AnAbortedGetGivesNoValidatorAndTakesNothing) {
  ASSERT_EQ(Put(a_, "stays", {MakeBox(node_a_, "too")}), IPCZ_RESULT_OK);
  ASSERT_TRUE(Eventually([&] { return Status(b_).num_local_parcels == 1; }));
  const void* data;
  size_t bytes;
  size_t count;
  ASSERT_EQ(Api().BeginGet(b_, 0, nullptr, &data, &bytes, &count), IPCZ_RESULT_OK);
  IpczHandle validator = 77;
  IpczHandle handle = 77;
  ASSERT_EQ(Api().EndGet(b_, 1, 1, IPCZ_END_GET_ABORT, nullptr, &handle, &validator),
            IPCZ_RESULT_OK);
  EXPECT_EQ(validator, 77u);
  EXPECT_EQ(handle, 77u);
  const Parcel parcel = Get(b_);
  EXPECT_EQ(parcel.data, "stays");
  ASSERT_EQ(parcel.handles.size(), 1u);
  EXPECT_EQ(TextIn(parcel.handles[0]), "too");
}

// A put copies, so the caller's memory is its own again at once.
TEST_P(HeaderTest, WhatIsPutMayBeOverwrittenAtOnce) {
  for (const size_t size : {size_t{8}, size_t{20'000}, size_t{3} << 20}) {
    std::string text(size, 'a');
    ASSERT_EQ(Put(a_, text), IPCZ_RESULT_OK);
    std::memset(text.data(), 'b', size);
    EXPECT_EQ(WaitGet(b_).data, std::string(size, 'a'));
  }
}

// While one get is in progress, so are all others of the portal refused, and
// the other direction is not.
TEST_P(HeaderTest, ATwoPhaseGetHoldsUpItsOwnPortalOnly) {
  ASSERT_EQ(Put(a_, "one"), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(b_, "back"), IPCZ_RESULT_OK);
  ASSERT_TRUE(Eventually([&] { return Status(b_).num_local_parcels == 1; }));
  const void* data;
  size_t bytes;
  ASSERT_EQ(Api().BeginGet(b_, 0, nullptr, &data, &bytes, nullptr), IPCZ_RESULT_OK);
  EXPECT_EQ(Api().Get(b_, IPCZ_GET_PARTIAL, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr),
            IPCZ_RESULT_ALREADY_EXISTS);
  EXPECT_EQ(Put(b_, "more"), IPCZ_RESULT_OK);
  EXPECT_EQ(WaitGet(a_).data, "back");
  EXPECT_EQ(WaitGet(a_).data, "more");
  EXPECT_EQ(Api().EndGet(b_, bytes, 0, 0, nullptr, nullptr, nullptr), IPCZ_RESULT_OK);
}

INSTANTIATE_TEST_SUITE_P(Where, HeaderTest, RW_ALL_MODES, ModeName);

// What the engine asks of a driver, seen from the driver. One end at a time.
struct SeenTransport {
  IpczHandle context = IPCZ_INVALID_HANDLE;
  IpczTransportActivityHandler handler = nullptr;
  int activated = 0;
  int deactivated = 0;
  int closed = 0;
  int transmitted = 0;
  bool refuses = false;  // Transmit() fails
  bool mute = false;     // its handler is called by the test alone
};

class DriverContractTest : public ::testing::Test {
 protected:
  DriverContractTest() {
    seen_.clear();
    CreateSyncTransports(&transports_[0], &transports_[1]);
  }

  static SeenTransport& Seen(IpczDriverHandle transport) { return seen_[transport]; }

  static const IpczDriver* Driver() {
    static const IpczDriver table = [] {
      IpczDriver copy = *SyncDriver();
      copy.ActivateTransport = [](IpczDriverHandle transport, IpczHandle context,
                                  IpczTransportActivityHandler handler, uint32_t flags,
                                  const void* options) -> IpczResult {
        SeenTransport& seen = Seen(transport);
        seen.context = context;
        seen.handler = handler;
        ++seen.activated;
        if (seen.mute) return IPCZ_RESULT_OK;
        return SyncDriver()->ActivateTransport(transport, context, handler, flags, options);
      };
      copy.DeactivateTransport = [](IpczDriverHandle transport, uint32_t flags,
                                    const void* options) -> IpczResult {
        SeenTransport& seen = Seen(transport);
        ++seen.deactivated;
        if (seen.mute) return IPCZ_RESULT_OK;
        return SyncDriver()->DeactivateTransport(transport, flags, options);
      };
      copy.Transmit = [](IpczDriverHandle transport, const void* data, size_t num_bytes,
                         const IpczDriverHandle* handles, size_t num_handles, uint32_t flags,
                         const void* options) -> IpczResult {
        SeenTransport& seen = Seen(transport);
        ++seen.transmitted;
        const IpczResult result = SyncDriver()->Transmit(transport, data, num_bytes, handles,
                                                         num_handles, flags, options);
        return seen.refuses ? IPCZ_RESULT_UNAVAILABLE : result;
      };
      copy.Close = [](IpczDriverHandle handle, uint32_t flags, const void* options) -> IpczResult {
        if (const auto found = seen_.find(handle); found != seen_.end()) ++found->second.closed;
        return SyncDriver()->Close(handle, flags, options);
      };
      return copy;
    }();
    return &table;
  }

  static std::map<IpczDriverHandle, SeenTransport> seen_;
  IpczDriverHandle transports_[2];
};

std::map<IpczDriverHandle, SeenTransport> DriverContractTest::seen_;

TEST_F(DriverContractTest, ATransportIsActiveOnceConnectNodeReturnsAndClosedAtTheEnd) {
  {
    const NodePair nodes(Driver(), transports_[0], transports_[1]);
    for (const IpczDriverHandle transport : transports_) {
      EXPECT_EQ(Seen(transport).activated, 1);
      EXPECT_EQ(Seen(transport).deactivated, 0);
    }
  }
  for (const IpczDriverHandle transport : transports_) {
    EXPECT_EQ(Seen(transport).deactivated, 1);
    EXPECT_EQ(Seen(transport).closed, 1);
  }
}

TEST_F(DriverContractTest, AConnectNodeThatFailsActivatesNothing) {
  IpczHandle node;
  ASSERT_EQ(Api().CreateNode(Driver(), 0, 0, nullptr, &node), IPCZ_RESULT_OK);
  IpczHandle portal;
  EXPECT_EQ(
      Api().ConnectNode(node, transports_[0], 1, IPCZ_CONNECT_NODE_SHARE_BROKER, nullptr, &portal),
      IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Seen(transports_[0]).activated, 0);
  for (const IpczDriverHandle transport : transports_) SyncDriver()->Close(transport, 0, nullptr);
  Close(node);
}

TEST_F(DriverContractTest, AnErrorDeactivatesTheTransportAndClosesItsPortals) {
  const NodePair nodes(Driver(), transports_[0], transports_[1]);
  ASSERT_EQ(Put(nodes.b[0], "before"), IPCZ_RESULT_OK);
  const SeenTransport seen = Seen(transports_[0]);
  seen.handler(seen.context, nullptr, 0, nullptr, 0, IPCZ_TRANSPORT_ACTIVITY_ERROR, nullptr);
  EXPECT_EQ(Seen(transports_[0]).deactivated, 1);
  EXPECT_TRUE(PeerClosed(nodes.a[0]));
  EXPECT_EQ(Get(nodes.a[0]).data, "before");
  EXPECT_EQ(Get(nodes.a[0]).result, IPCZ_RESULT_NOT_FOUND);
  EXPECT_EQ(Put(nodes.a[0], "after"), IPCZ_RESULT_NOT_FOUND);
}

TEST_F(DriverContractTest, ADriverMayEndATransportByItself) {
  SeenTransport& seen = Seen(transports_[0]);
  seen.mute = true;
  IpczHandle node;
  ASSERT_EQ(Api().CreateNode(Driver(), 0, IPCZ_CREATE_NODE_AS_BROKER, nullptr, &node),
            IPCZ_RESULT_OK);
  IpczHandle portal;
  ASSERT_EQ(Api().ConnectNode(node, transports_[0], 1, 0, nullptr, &portal), IPCZ_RESULT_OK);
  EXPECT_FALSE(PeerClosed(portal));
  seen.handler(seen.context, nullptr, 0, nullptr, 0, IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED, nullptr);
  EXPECT_TRUE(PeerClosed(portal));
  EXPECT_EQ(seen.closed, 1);
  Close(portal);
  Close(node);
  SyncDriver()->Close(transports_[1], 0, nullptr);
}

TEST_F(DriverContractTest, NothingIsTransmittedAfterAFailure) {
  const NodePair nodes(Driver(), transports_[0], transports_[1]);
  SeenTransport& seen = Seen(transports_[0]);
  seen.refuses = true;
  const int before = seen.transmitted;
  for (int i = 0; i < 3; ++i) {
    IpczHandle box;
    ASSERT_EQ(Api().Box(nodes.broker, MakeBlob("x"), 0, nullptr, &box), IPCZ_RESULT_OK);
    if (Put(nodes.a[0], "x", {box}) != IPCZ_RESULT_OK) Close(box);
  }
  EXPECT_EQ(seen.transmitted, before + 1);
}

}  // namespace
}  // namespace ringway::testing
