// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What comes at a moment that only the driver can choose: within one of its calls.

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "engine/link/message_layout.h"
#include "tests/support/ipcz_test.h"
#include "tests/support/network.h"
#include "tests/support/sync_driver.h"

namespace ringway::testing {
namespace {

// Runs once, when an object is about to be sent to another node.
std::function<void()> on_serialize;

// Runs once, with the transport, before a relay asks a neighbour to expect another one.
std::function<void(IpczDriverHandle)> on_expect;

const IpczDriver* RelaysDriver() {
  static const IpczDriver table = [] {
    IpczDriver copy = *SyncDriver(SyncNode::kBroker);
    copy.Transmit = [](IpczDriverHandle transport, const void* data, size_t num_bytes,
                       const IpczDriverHandle* handles, size_t num_handles, uint32_t flags,
                       const void* options) -> IpczResult {
      MessageHeader header;
      std::memcpy(&header, data, sizeof(header));
      if (header.type == static_cast<uint32_t>(MessageType::kExpect)) {
        if (const auto run = std::exchange(on_expect, nullptr)) run(transport);
      }
      return SyncDriver()->Transmit(transport, data, num_bytes, handles, num_handles, flags,
                                    options);
    };
    return copy;
  }();
  return &table;
}

template <SyncNode kNode>
const IpczDriver* InterruptedDriver() {
  static const IpczDriver table = [] {
    IpczDriver copy = *SyncDriver(kNode);
    copy.Serialize = [](IpczDriverHandle handle, IpczDriverHandle transport, uint32_t flags,
                        const void* options, void* data, size_t* num_bytes,
                        IpczDriverHandle* handles, size_t* num_handles) -> IpczResult {
      if (transport != IPCZ_INVALID_DRIVER_HANDLE) {
        if (const auto run = std::exchange(on_serialize, nullptr)) run();
      }
      return SyncDriver()->Serialize(handle, transport, flags, options, data, num_bytes, handles,
                                     num_handles);
    };
    return copy;
  }();
  return &table;
}

void DeliverAll(SyncHold& hold) {
  while (hold.Waiting() != 0) hold.DeliverOne(0);
}

// Segments that were used once and are idle are given back, but not before the
// peer has been told of them.
TEST(DelegateTest, AnIdleSegmentIsNotWithdrawnBeforeItIsAnnounced) {
  SyncHold hold(1);
  IpczHandle broker = 0;
  IpczHandle other = 0;
  Api().CreateNode(SyncDriver(SyncNode::kBroker), 0, IPCZ_CREATE_NODE_AS_BROKER, nullptr, &broker);
  Api().CreateNode(InterruptedDriver<SyncNode::kWithoutMemory>(), 0, IPCZ_NO_FLAGS, nullptr,
                   &other);
  IpczDriverHandle transports[2] = {};
  CreateSyncTransports(&transports[0], &transports[1]);
  IpczHandle a = 0;
  IpczHandle b = 0;
  ASSERT_EQ(Api().ConnectNode(broker, transports[0], 1, IPCZ_NO_FLAGS, nullptr, &a),
            IPCZ_RESULT_OK);
  ASSERT_EQ(
      Api().ConnectNode(other, transports[1], 1,
                        IPCZ_CONNECT_NODE_TO_BROKER | IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE,
                        nullptr, &b),
      IPCZ_RESULT_OK);
  DeliverAll(hold);
  // A payload so large that its segment is not kept; then the parcel is refused.
  IpczHandle box = 0;
  ASSERT_EQ(Api().Box(other, MakeBlob("box"), IPCZ_NO_FLAGS, nullptr, &box), IPCZ_RESULT_OK);
  const IpczPutLimits limits = {sizeof(limits), 1, 10};
  const IpczPutOptions options = {sizeof(options), &limits};
  EXPECT_EQ(Put(b, std::string(80 << 20, 'x'), {box}, &options), IPCZ_RESULT_RESOURCE_EXHAUSTED);
  // When the memory has come and is about to be announced, lanes need more of it.
  bool interrupted = false;
  on_serialize = [&] {
    interrupted = true;
    for (int i = 0; i < 300; ++i) EXPECT_EQ(Put(b, std::string(8'000, 'y')), IPCZ_RESULT_OK);
  };
  DeliverAll(hold);
  EXPECT_TRUE(interrupted);
  EXPECT_EQ(NodeCountersOf(broker).links_broken, 0u);
  for (int i = 0; i < 300; ++i) EXPECT_EQ(Get(a).data, std::string(8'000, 'y'));
  ASSERT_EQ(Put(b, "", {box}), IPCZ_RESULT_OK);
  DeliverAll(hold);
  EXPECT_EQ(Get(a).handles.size(), 1u);
  for (const IpczHandle handle : {a, b, broker, other}) Close(handle);
  DeliverAll(hold);
}

// The record that was to name the portals in a parcel does not come.
TEST(TransferTest, ThePortalIsClosedWhileAParcelWithPortalsIsPutIntoIt) {
  SyncHold hold(1);
  IpczDriverHandle transports[2] = {};
  CreateSyncTransports(&transports[0], &transports[1]);
  std::optional<NodePair> nodes;
  nodes.emplace(InterruptedDriver<SyncNode::kPlain>(), transports[0], transports[1]);
  DeliverAll(hold);
  const IpczHandle through = nodes->a[1];
  IpczHandle kept[2] = {};
  IpczHandle sent[2] = {};
  IpczHandle box = 0;
  for (int i = 0; i < 2; ++i) {
    Api().OpenPortals(nodes->broker, IPCZ_NO_FLAGS, nullptr, &kept[i], &sent[i]);
  }
  ASSERT_EQ(Api().Box(nodes->broker, MakeBlob("box"), IPCZ_NO_FLAGS, nullptr, &box),
            IPCZ_RESULT_OK);
  ASSERT_EQ(Put(kept[0], "with another in its queue", {sent[1]}), IPCZ_RESULT_OK);
  on_serialize = [&] { Close(through); };
  EXPECT_EQ(Put(through, "", {box, sent[0]}), IPCZ_RESULT_OK);
  DeliverAll(hold);
  for (const IpczHandle portal : kept) {
    EXPECT_TRUE(PeerClosed(portal));
    Close(portal);
  }
  Close(nodes->b[1]);
  for (int i = 0; i < 3; ++i) {
    for (const IpczHandle node : {nodes->broker, nodes->other}) NodeCountersOf(node);
    DeliverAll(hold);
  }
  for (const IpczHandle node : {nodes->broker, nodes->other}) {
    EXPECT_EQ(NodeCountersOf(node).links_broken, 0u);
    EXPECT_EQ(NodeCountersOf(node).route_ends, 2u) << "the initial ones stay with the link";
  }
  nodes.reset();
  DeliverAll(hold);
}

// Nobody is left to wait for a neighbour of a route that has ended.
TEST(RelayTest, TheRouteEndsWhileTheRelayAsksToRemoveIt) {
  SyncHold hold(1);
  IpczHandle relay = 0;
  Api().CreateNode(RelaysDriver(), 0, IPCZ_CREATE_NODE_AS_BROKER, nullptr, &relay);
  IpczHandle nodes[2] = {};
  IpczHandle at_relay[2] = {};
  IpczHandle at_nodes[2] = {};
  IpczDriverHandle transports[2] = {};
  for (size_t i = 0; i < 2; ++i) {
    Api().CreateNode(SyncDriver(), 0, IPCZ_NO_FLAGS, nullptr, &nodes[i]);
    IpczDriverHandle other = 0;
    CreateSyncTransports(&transports[i], &other);
    ASSERT_EQ(Api().ConnectNode(relay, transports[i], 1, IPCZ_NO_FLAGS, nullptr, &at_relay[i]),
              IPCZ_RESULT_OK);
    ASSERT_EQ(
        Api().ConnectNode(nodes[i], other, 1, IPCZ_CONNECT_NODE_TO_BROKER, nullptr, &at_nodes[i]),
        IPCZ_RESULT_OK);
    DeliverAll(hold);
  }
  size_t ended = 0;
  for (const size_t from : {0, 1}) {
    IpczHandle ends[2] = {};  // at each node
    IpczHandle sent = 0;
    Api().OpenPortals(nodes[from], IPCZ_NO_FLAGS, nullptr, &ends[from], &sent);
    ASSERT_EQ(Put(at_nodes[from], "", {sent}), IPCZ_RESULT_OK);
    DeliverAll(hold);
    sent = Get(at_relay[from]).handles.at(0);
    ASSERT_EQ(Put(at_relay[1 - from], "", {sent}), IPCZ_RESULT_OK);
    DeliverAll(hold);
    ends[1 - from] = Get(at_nodes[1 - from]).handles.at(0);
    // Of both neighbours the names decide who is asked. The other one closes, and
    // the relay hears of it first.
    on_expect = [&](IpczDriverHandle transport) {
      if (transport != transports[from]) return;
      Close(std::exchange(ends[1 - from], 0));
      DeliverAll(hold);
      ++ended;
    };
    DeliverAll(hold);
    EXPECT_EQ(PeerClosed(ends[from]), ends[1 - from] == 0);
    for (const IpczHandle portal : ends) Close(portal);
    for (int i = 0; i < 3; ++i) {
      for (const IpczHandle node : {relay, nodes[0], nodes[1]}) NodeCountersOf(node);
      DeliverAll(hold);
    }
    EXPECT_EQ(NodeCountersOf(relay).route_ends, 2u);
    EXPECT_EQ(NodeCountersOf(nodes[0]).route_ends, 1u);
    EXPECT_EQ(NodeCountersOf(nodes[1]).route_ends, 1u);
  }
  EXPECT_EQ(ended, 1u);
  for (size_t i = 0; i < 2; ++i) {
    for (const IpczHandle handle : {at_relay[i], at_nodes[i], nodes[i]}) Close(handle);
  }
  Close(relay);
  DeliverAll(hold);
}

}  // namespace
}  // namespace ringway::testing
