// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/support/network.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/node_process.h"

namespace ringway::testing {

const ModeTraits& TraitsOf(Mode mode) {
  static constexpr ModeTraits kTraits[] = {
      {"WithinANode", false, true, {}, false, false},
      {"AcrossALink", true, true, {}, false, false},
      {"AcrossASyncDriver", true, false, {}, false, false},
      {"AcrossAnAsyncDriver", true, false, {true, false}, false, false},
      {"WithADelegate", true, false, {true, false}, true, false},
      {"ThroughABroker", true, false, {true, true}, false, false},
      {"WithADelegateThroughABroker", true, false, {true, true}, true, false},
      {"AcrossALinkWithADelegate", true, true, {}, true, false},
      {"AcrossProcesses", true, true, {}, false, true},
      {"AcrossProcessesWithADelegate", true, true, {}, true, true},
  };
  return kTraits[static_cast<size_t>(mode)];
}

Network::Network(Mode mode) : traits_(TraitsOf(mode)) {}

Network::~Network() {
  for (const Node& node : nodes_) Close(node.handle);
}

const IpczDriver* Network::Driver(bool broker) const {
  if (traits_.linux_driver) return RingwayLinuxDriver();
  if (broker) return SyncDriver(SyncNode::kBroker);
  return SyncDriver(traits_.delegates ? SyncNode::kWithoutMemory : SyncNode::kPlain);
}

size_t Network::AddNode(bool broker) {
  Node& node = nodes_.emplace_back();
  node.broker = broker;
  const IpczCreateNodeFlags flags = broker ? IPCZ_CREATE_NODE_AS_BROKER : IPCZ_NO_FLAGS;
  if (traits_.processes && nodes_.size() > 1) {
    node.process = std::make_shared<NodeProcess>();
    node.handle = node.process->CreateNode(flags);
  } else {
    EXPECT_EQ(Api().CreateNode(Driver(broker), 0, flags, nullptr, &node.handle), IPCZ_RESULT_OK);
  }
  return nodes_.size() - 1;
}

Network::Portals Network::Connect(size_t first, size_t second, size_t num_portals) {
  const Node& a = nodes_[first];
  const Node& b = nodes_[second];
  IpczDriverHandle transports[2] = {};
  if (traits_.linux_driver) {
    RingwayLinuxCreateTransportPair(&transports[0], &transports[1]);
  } else {
    CreateSyncTransports(&transports[0], &transports[1], traits_.wire, a.broker, b.broker);
  }
  IpczConnectNodeFlags of_a = IPCZ_NO_FLAGS;
  IpczConnectNodeFlags of_b = IPCZ_CONNECT_NODE_TO_BROKER;
  if (a.broker && b.broker) of_a = IPCZ_CONNECT_NODE_TO_BROKER;
  if (!a.broker) {
    of_a = IPCZ_CONNECT_NODE_SHARE_BROKER;
    of_b = IPCZ_CONNECT_NODE_INHERIT_BROKER;
  }
  if (traits_.delegates && !b.broker) of_b |= IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE;
  std::vector<IpczHandle> left(num_portals);
  std::vector<IpczHandle> right(num_portals);
  EXPECT_EQ(Api().ConnectNode(a.handle, transports[0], num_portals, of_a, nullptr, left.data()),
            IPCZ_RESULT_OK);
  EXPECT_EQ(Api().ConnectNode(b.handle, transports[1], num_portals, of_b, nullptr, right.data()),
            IPCZ_RESULT_OK);
  Portals portals;
  for (size_t i = 0; i < num_portals; ++i) portals.emplace_back(left[i], right[i]);
  return portals;
}

Network::Portals Network::ConnectBy(const std::pair<IpczHandle, IpczHandle>& to_first,
                                    const std::pair<IpczHandle, IpczHandle>& to_second,
                                    size_t broker, size_t num_portals) {
  Portals portals;
  for (size_t i = 0; i < num_portals; ++i) {
    IpczHandle ends[2] = {};
    EXPECT_EQ(Api().OpenPortals(node(broker), 0, nullptr, &ends[0], &ends[1]), IPCZ_RESULT_OK);
    EXPECT_EQ(Put(to_first.first, "", {ends[0]}), IPCZ_RESULT_OK);
    EXPECT_EQ(Put(to_second.first, "", {ends[1]}), IPCZ_RESULT_OK);
    const Parcel first = WaitGet(to_first.second);
    const Parcel second = WaitGet(to_second.second);
    EXPECT_EQ(first.handles.size() + second.handles.size(), 2u);
    if (first.handles.size() + second.handles.size() != 2) break;
    portals.emplace_back(first.handles[0], second.handles[0]);
  }
  portals.resize(num_portals);
  return portals;
}

IpczDriverHandle Network::MakeObject(const std::string& text) const {
  return traits_.linux_driver ? MakeFile(text) : MakeBlob(text);
}

std::string Network::TextOf(IpczDriverHandle object) const {
  return traits_.linux_driver ? TextOfFile(object) : TakeBlob(object);
}

uint64_t Network::Sum(uint64_t RingwayNodeCounters::*counter) const {
  uint64_t sum = 0;
  for (const Node& node : nodes_) sum += NodeCountersOf(node.handle).*counter;
  return sum;
}

bool Network::SumBecomes(uint64_t RingwayNodeCounters::*counter, uint64_t wanted) const {
  return Eventually([&] { return Sum(counter) == wanted; });
}

IpczDriverHandle MakeFile(const std::string& text) {
  int fds[2];
  IpczDriverHandle file = IPCZ_INVALID_DRIVER_HANDLE;
  if (pipe2(fds, O_CLOEXEC) != 0) return file;
  const bool written = write(fds[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(fds[1]);
  if (!written || RingwayLinuxWrapFd(fds[0], &file) != IPCZ_RESULT_OK) close(fds[0]);
  return file;
}

std::string TextOfFile(IpczDriverHandle file) {
  int fd;
  if (RingwayLinuxUnwrapFd(file, &fd) != IPCZ_RESULT_OK) return "no file";
  std::string text(4096, '\0');
  const ssize_t count = read(fd, text.data(), text.size());
  close(fd);
  text.resize(count < 0 ? 0 : static_cast<size_t>(count));
  return text;
}

RingwayPortalCounters CountersOf(IpczHandle portal) {
  RingwayPortalCounters counters = {};
  counters.size = sizeof(counters);
  Extensions().QueryPortalCounters(portal, &counters);
  return counters;
}

RingwayNodeCounters NodeCountersOf(IpczHandle node) {
  RingwayNodeCounters counters = {};
  counters.size = sizeof(counters);
  Extensions().QueryNodeCounters(node, &counters);
  return counters;
}

}  // namespace ringway::testing
