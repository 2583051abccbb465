// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_INTERFACE_SERVED_NODE_H_
#define TESTS_INTERFACE_SERVED_NODE_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "ringway/interface.h"
#include "ringway/loop.h"
#include "tests/support/ipcz_test.h"

namespace ringway::testing {

// Where the client of a test is, as seen from its server.
enum class Place { kSameObject, kSameNode, kOtherNode };

// A loop that runs on a thread of its own, in a node that has a neighbour.
class ServedNode {
 public:
  ServedNode() {
    IpczDriverHandle transports[2] = {};
    RingwayLinuxCreateTransportPair(&transports[0], &transports[1]);
    here_ = Join(node_, transports[0], IPCZ_NO_FLAGS);
    there_ = Join(neighbour_, transports[1], IPCZ_CONNECT_NODE_TO_BROKER);
    thread_ = std::thread([this] { loop_.Run(); });
  }
  ~ServedNode() { Stop(); }

  Loop& loop() { return loop_; }
  Node& node() { return node_; }
  Node& neighbour() { return neighbour_; }
  void Stop() {
    loop_.Stop();
    if (thread_.joinable()) thread_.join();
  }

  // A capability to the object, for a client at `place`.
  template <class I, class Impl>
  Cap<I> Connect(Impl& object, Place place, Rights rights = kAllRights) {
    if (place == Place::kSameObject) return Cap<I>(object.target());
    return Cap<I>(Portal(RawConnect(object, place, rights)));
  }
  // The client's portal itself, for messages that no stub would make.
  Portal RawConnect(Served& object, Place place, Rights rights = kAllRights) {
    if (place == Place::kSameNode) {
      Result<Portal> portal = loop_.Open(object, rights);
      return *std::move(portal);
    }
    auto [here, there] = TakeLink();
    loop_.Serve(std::move(here), object, rights);
    return std::move(there);
  }
  // A portal of this node, and its peer in the neighbour.
  std::pair<Portal, Portal> TakeLink() {
    const size_t i = next_link_++;
    return {std::move(here_[i]), std::move(there_[i])};
  }

 private:
  static Node Make(IpczCreateNodeFlags flags) {
    Result<Node> node = Node::Create(RingwayLinuxDriver(), flags);
    if (!node) std::abort();
    return *std::move(node);
  }
  static std::vector<Portal> Join(Node& node, IpczDriverHandle transport,
                                  IpczConnectNodeFlags flags) {
    Result<std::vector<Portal>> portals = node.Connect(transport, 8, flags);
    if (!portals) std::abort();
    return *std::move(portals);
  }

  Node node_ = Make(IPCZ_CREATE_NODE_AS_BROKER);
  Node neighbour_ = Make(IPCZ_NO_FLAGS);
  std::vector<Portal> here_;
  std::vector<Portal> there_;
  size_t next_link_ = 0;
  Loop loop_{node_};
  std::thread thread_;
};

#define RW_ALL_PLACES ::testing::Values(Place::kSameObject, Place::kSameNode, Place::kOtherNode)
#define RW_BY_MESSAGE ::testing::Values(Place::kSameNode, Place::kOtherNode)

inline std::string PlaceName(const ::testing::TestParamInfo<Place>& of) {
  if (of.param == Place::kSameObject) return "SameObject";
  return of.param == Place::kSameNode ? "SameNode" : "OtherNode";
}

}  // namespace ringway::testing

#endif  // TESTS_INTERFACE_SERVED_NODE_H_
