// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The modes with processes: nodes are there, and what goes wrong there is seen here.

#include "tests/support/node_process.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <memory>
#include <utility>

#include "tests/support/modes.h"
#include "tests/support/shim_driver.h"

namespace ringway::testing {
namespace {

std::pair<IpczHandle, IpczHandle> Open(IpczHandle node) {
  std::pair<IpczHandle, IpczHandle> pair;
  EXPECT_EQ(Api().OpenPortals(node, 0, nullptr, &pair.first, &pair.second), IPCZ_RESULT_OK);
  return pair;
}

// Makes a node of each process and connects them.
IpczHandle Connect(NodeProcess& first, NodeProcess& second) {
  IpczDriverHandle transports[2];
  RingwayLinuxCreateTransportPair(&transports[0], &transports[1]);
  IpczHandle portals[2];
  EXPECT_EQ(Api().ConnectNode(first.CreateNode(IPCZ_CREATE_NODE_AS_BROKER), transports[0], 1, 0,
                              nullptr, &portals[0]),
            IPCZ_RESULT_OK);
  EXPECT_EQ(Api().ConnectNode(second.CreateNode(0), transports[1], 1, IPCZ_CONNECT_NODE_TO_BROKER,
                              nullptr, &portals[1]),
            IPCZ_RESULT_OK);
  EXPECT_EQ(Put(portals[0], "hello"), IPCZ_RESULT_OK);
  EXPECT_EQ(WaitGet(portals[1]).data, "hello");
  return portals[1];
}

TEST(NodeProcessTest, NothingOfALinkBetweenTwoIsHere) {
  const RingwayDriverStatistics before = DriverStatistics();
  {
    Network network(Mode::kAcrossProcesses);
    for (int i = 0; i < 3; ++i) network.AddNode(i == 0);
    const auto [a, b] = network.Connect(0, 1, 1)[0];
    const RingwayDriverStatistics with_one = DriverStatistics();
    EXPECT_EQ(with_one.open_transports, before.open_transports + 1) << "one end of two";
    const auto [c, d] = network.Connect(1, 2, 1)[0];
    ASSERT_EQ(Put(c, "hello"), IPCZ_RESULT_OK);
    EXPECT_EQ(WaitGet(d).data, "hello");
    EXPECT_TRUE(Eventually([&] { return NodeCountersOf(network.node(1)).links == 2; }));
    for (const IpczHandle portal : {a, b, c, d}) Close(portal);
  }
}

TEST(NodeProcessTest, HandlesOfOneAreUnknownToAnother) {
  NodeProcess first;
  NodeProcess second;
  const IpczHandle nodes[] = {first.CreateNode(0), second.CreateNode(0)};
  const auto [a, b] = Open(nodes[0]);
  const auto [c, d] = Open(nodes[1]);
  EXPECT_EQ(Put(a, "", {c}), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Api().MergePortals(a, c, 0, nullptr), IPCZ_RESULT_INVALID_ARGUMENT);
  RingwayWaitItem items[2] = {{a, RINGWAY_WAIT_READABLE, 0, 0, 0},
                              {c, RINGWAY_WAIT_READABLE, 0, 0, 0}};
  EXPECT_EQ(Extensions().Wait(items, 2, 0, 0), IPCZ_RESULT_INVALID_ARGUMENT);
  EXPECT_EQ(Put(a, "unharmed"), IPCZ_RESULT_OK);
  EXPECT_EQ(Get(b).data, "unharmed");
  for (const IpczHandle handle : {a, b, c, d, nodes[0], nodes[1]}) Close(handle);
}

TEST(NodeProcessTest, AHandlerHasRunWhenTheCallReturnsThatSetsItOff) {
  NodeProcess process;
  const IpczHandle node = process.CreateNode(0);
  const auto [a, b] = Open(node);
  TrapLog log;
  ASSERT_EQ(log.Install(b, Conditions(IPCZ_TRAP_NEW_LOCAL_PARCEL)), IPCZ_RESULT_OK);
  ASSERT_EQ(Put(a, "x"), IPCZ_RESULT_OK);
  EXPECT_EQ(log.size(), 1u);
  for (const IpczHandle handle : {a, b, node}) Close(handle);
}

TEST(NodeProcessTest, ItsDeathIsSeen) {
  auto process = std::make_unique<NodeProcess>();
  const IpczHandle node = process->CreateNode(0);
  process->Signal(SIGKILL);
  EXPECT_NONFATAL_FAILURE(EXPECT_EQ(Api().Close(node, 0, nullptr), IPCZ_RESULT_INTERNAL),
                          "a node's process has ended");
  EXPECT_NONFATAL_FAILURE(process.reset(), "of a node's process");
}

TEST(NodeProcessTest, WhatItLeavesOpenIsSeen) {
  auto first = std::make_unique<NodeProcess>(0);
  auto second = std::make_unique<NodeProcess>(0);
  Close(Connect(*first, *second));
  EXPECT_NONFATAL_FAILURE(first.reset(), "of a node's process");
  // Whether the other has heard of the end by now is open.
  second->Signal(SIGKILL);
  EXPECT_NONFATAL_FAILURE(second.reset(), "of a node's process");
}

}  // namespace
}  // namespace ringway::testing
