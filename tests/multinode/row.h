// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_MULTINODE_ROW_H_
#define TESTS_MULTINODE_ROW_H_

// Several nodes of this process, for routes that lead over more than one link.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/ipcz_test.h"
#include "tests/support/modes.h"
#include "tests/support/sync_driver.h"

namespace ringway::testing {

enum class Wire { kLinux, kSync };

// Nodes in a row, each with a link to the next one; the first is the broker.
class Row {
 public:
  Row(Wire wire, size_t num_nodes) : wire_(wire), nodes_(num_nodes) {
    for (size_t i = 0; i < num_nodes; ++i) {
      Api().CreateNode(Driver(), 0, i == 0 ? IPCZ_CREATE_NODE_AS_BROKER : IPCZ_NO_FLAGS, nullptr,
                       &nodes_[i]);
    }
    for (size_t i = 1; i < num_nodes; ++i) Connect(i - 1, i);
  }
  Row(const Row&) = delete;
  Row& operator=(const Row&) = delete;
  ~Row() {
    for (const auto& [left, right] : links_) {
      Close(left);
      Close(right);
    }
    for (const IpczHandle node : nodes_) Close(node);
  }

  IpczHandle node(size_t i) const { return nodes_[i]; }

  std::pair<IpczHandle, IpczHandle> Pair(size_t i) const {
    IpczHandle first = 0;
    IpczHandle second = 0;
    EXPECT_EQ(Api().OpenPortals(nodes_[i], 0, nullptr, &first, &second), IPCZ_RESULT_OK);
    return {first, second};
  }

  // The portal as node `to` has it, which is next to node `from`.
  IpczHandle Send(IpczHandle portal, size_t from, size_t to) const {
    return TakeOut(PutInParcel(portal, from, to));
  }
  // The same in two steps: the portal of `to` to which it was sent, and the portal out of it.
  IpczHandle PutInParcel(IpczHandle portal, size_t from, size_t to) const {
    const auto& [left, right] = links_[std::min(from, to)];
    EXPECT_EQ(Put(from < to ? left : right, "", {portal}), IPCZ_RESULT_OK);
    return from < to ? right : left;
  }
  static IpczHandle TakeOut(IpczHandle receiver) {
    const Parcel parcel = WaitGet(receiver);
    EXPECT_EQ(parcel.handles.size(), 1u);
    return parcel.handles.empty() ? IPCZ_INVALID_HANDLE : parcel.handles[0];
  }
  IpczHandle SendAlong(IpczHandle portal, size_t from, size_t to) const {
    while (from != to) {
      const size_t next = from < to ? from + 1 : from - 1;
      portal = Send(portal, from, next);
      from = next;
    }
    return portal;
  }

  IpczHandle MakeBox(size_t i, const std::string& text) const {
    IpczHandle box = 0;
    const IpczDriverHandle object = wire_ == Wire::kSync ? MakeBlob(text) : MakeFile(text);
    EXPECT_EQ(Api().Box(nodes_[i], object, 0, nullptr, &box), IPCZ_RESULT_OK);
    return box;
  }
  std::string TextIn(IpczHandle box) const {
    IpczDriverHandle object = 0;
    if (Api().Unbox(box, 0, nullptr, &object) != IPCZ_RESULT_OK) return "no box";
    return wire_ == Wire::kSync ? TakeBlob(object) : TextOfFile(object);
  }

  // Waits until no more than `count` routes are forwarded, on all nodes together.
  bool RelaysBecome(uint64_t count) const {
    return SumBecomes(&RingwayNodeCounters::relays, count);
  }
  // Waits until no link of any node carries more than what it came with.
  bool LinksAreEmpty() const {
    return SumBecomes(&RingwayNodeCounters::route_ends, 2 * links_.size());
  }

  void CloseNode(size_t i) { Close(std::exchange(nodes_[i], 0)); }

 private:
  bool SumBecomes(uint64_t RingwayNodeCounters::*counter, uint64_t wanted) const {
    return Eventually(
        [&] {
          uint64_t sum = 0;
          for (const IpczHandle node : nodes_) sum += NodeCountersOf(node).*counter;
          return sum == wanted;
        },
        5);
  }
  const IpczDriver* Driver() const {
    return wire_ == Wire::kSync ? SyncDriver() : RingwayLinuxDriver();
  }
  void Connect(size_t left, size_t right) {
    IpczDriverHandle transports[2] = {};
    if (wire_ == Wire::kSync) {
      CreateSyncTransports(&transports[0], &transports[1]);
    } else {
      RingwayLinuxCreateTransportPair(&transports[0], &transports[1]);
    }
    std::pair<IpczHandle, IpczHandle> portals;
    const bool broker = left == 0;
    EXPECT_EQ(Api().ConnectNode(nodes_[left], transports[0], 1,
                                broker ? IPCZ_NO_FLAGS : IPCZ_CONNECT_NODE_SHARE_BROKER, nullptr,
                                &portals.first),
              IPCZ_RESULT_OK);
    EXPECT_EQ(
        Api().ConnectNode(nodes_[right], transports[1], 1,
                          broker ? IPCZ_CONNECT_NODE_TO_BROKER : IPCZ_CONNECT_NODE_INHERIT_BROKER,
                          nullptr, &portals.second),
        IPCZ_RESULT_OK);
    links_.push_back(portals);
  }

  const Wire wire_;
  std::vector<IpczHandle> nodes_;
  std::vector<std::pair<IpczHandle, IpczHandle>> links_;
};

#define RW_ALL_WIRES ::testing::Values(Wire::kLinux, Wire::kSync)

inline std::string WireName(const ::testing::TestParamInfo<Wire>& of) {
  return of.param == Wire::kSync ? "ASyncDriver" : "Linux";
}

inline void ExpectTalk(IpczHandle a, IpczHandle b) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(Put(a, "forth " + std::to_string(i)), IPCZ_RESULT_OK);
    ASSERT_EQ(Put(b, "back " + std::to_string(i)), IPCZ_RESULT_OK);
  }
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(WaitGet(b).data, "forth " + std::to_string(i));
    ASSERT_EQ(WaitGet(a).data, "back " + std::to_string(i));
  }
}

inline void ExpectClosure(IpczHandle closed, IpczHandle other) {
  Put(closed, "last words");
  Close(closed);
  EXPECT_EQ(WaitGet(other).data, "last words");
  EXPECT_TRUE(Eventually([&] { return PeerClosed(other); }));
  EXPECT_TRUE(Eventually([&] { return Get(other).result == IPCZ_RESULT_NOT_FOUND; }));
  Close(other);
}

// The route loses its relays, and leaves nothing behind once it has ended.
inline void ExpectBecomesDirect(const Row& row, IpczHandle closed, IpczHandle other) {
  ExpectTalk(closed, other);
  EXPECT_TRUE(row.RelaysBecome(0));
  ExpectTalk(closed, other);
  ExpectClosure(closed, other);
  EXPECT_TRUE(row.LinksAreEmpty());
}

}  // namespace ringway::testing

#endif  // TESTS_MULTINODE_ROW_H_
