// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_SUPPORT_NETWORK_H_
#define TESTS_SUPPORT_NETWORK_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/ipcz_test.h"

// Nodes, where they are and how they are connected, on each kind of driver.

namespace ringway::testing {

class NodeProcess;

// Where portals are, and what driver is between their nodes.
enum class Mode {
  kWithinANode,
  kAcrossALink,
  kAcrossASyncDriver,
  kAcrossAnAsyncDriver,
  kWithADelegate,
  kThroughABroker,
  kWithADelegateThroughABroker,
  kAcrossALinkWithADelegate,
  kAcrossProcesses,
  kAcrossProcessesWithADelegate,
};

struct ModeTraits {
  const char* name;
  bool remote;        // more than one node
  bool linux_driver;  // instead of the one of sync_driver.h
  SyncWire wire;
  bool delegates;  // nodes other than brokers have their memory allocated for them
  bool processes;  // each node but the first is in a process of its own
};
const ModeTraits& TraitsOf(Mode mode);

class Network {
 public:
  explicit Network(Mode mode);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  ~Network();

  const ModeTraits& traits() const { return traits_; }
  // Whether two nodes that are no brokers can only be connected by a broker.
  bool only_by_brokers() const { return traits_.wire.brokered; }

  // Nodes are counted from 0.
  size_t AddNode(bool broker = false);
  IpczHandle node(size_t i) const { return nodes_[i].handle; }
  size_t size() const { return nodes_.size(); }
  void CloseNode(size_t i) { Close(std::exchange(nodes_[i].handle, 0)); }

  using Portals = std::vector<std::pair<IpczHandle, IpczHandle>>;
  // Connects two nodes, the second being the one that gets its broker or its
  // memory from the other; with initial portals.
  Portals Connect(size_t first, size_t second, size_t num_portals);
  // Gives two nodes that have a link to `broker` portals to each other.
  Portals ConnectBy(const std::pair<IpczHandle, IpczHandle>& to_first,
                    const std::pair<IpczHandle, IpczHandle>& to_second, size_t broker,
                    size_t num_portals);

  IpczDriverHandle MakeObject(const std::string& text) const;
  std::string TextOf(IpczDriverHandle object) const;

  // The sum of a counter over all nodes; and that it becomes `wanted`.
  uint64_t Sum(uint64_t RingwayNodeCounters::*counter) const;
  bool SumBecomes(uint64_t RingwayNodeCounters::*counter, uint64_t wanted) const;

 private:
  struct Node {
    IpczHandle handle = 0;
    bool broker = false;
    std::shared_ptr<NodeProcess> process;
  };
  const IpczDriver* Driver(bool broker) const;

  const ModeTraits& traits_;
  std::vector<Node> nodes_;
};

// Which object the Linux driver makes of a text.
IpczDriverHandle MakeFile(const std::string& text);
std::string TextOfFile(IpczDriverHandle file);

RingwayPortalCounters CountersOf(IpczHandle portal);
RingwayNodeCounters NodeCountersOf(IpczHandle node);

}  // namespace ringway::testing

#endif  // TESTS_SUPPORT_NETWORK_H_
