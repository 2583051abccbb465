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

// Nodes in a row, each with a portal to the next one; the first is the broker.
class Row {
 public:
  Row(Mode mode, size_t num_nodes) : network_(mode) {
    for (size_t i = 0; i < num_nodes; ++i) network_.AddNode(i == 0);
    for (size_t i = 1; i < num_nodes; ++i) Connect(i - 1, i);
    // What the nodes' links carry as long as nothing is sent along the row.
    route_ends_ = 2 * (links_.size() + to_broker_.size());
    if (!to_broker_.empty()) {
      EXPECT_TRUE(RelaysBecome(0));
      // Only who reads the lane from the broker to its end gives it back.
      for (const auto& [left, right] : links_) {
        EXPECT_EQ(Put(left, ""), IPCZ_RESULT_OK);
        EXPECT_EQ(Put(right, ""), IPCZ_RESULT_OK);
        EXPECT_EQ(WaitGet(left).result, IPCZ_RESULT_OK);
        EXPECT_EQ(WaitGet(right).result, IPCZ_RESULT_OK);
      }
      EXPECT_TRUE(LinksAreEmpty());
    }
  }
  Row(const Row&) = delete;
  Row& operator=(const Row&) = delete;
  ~Row() {
    for (const Network::Portals* portals : {&links_, &to_broker_}) {
      for (const auto& [left, right] : *portals) {
        Close(left);
        Close(right);
      }
    }
  }

  IpczHandle node(size_t i) const { return network_.node(i); }

  std::pair<IpczHandle, IpczHandle> Pair(size_t i) const {
    IpczHandle first = 0;
    IpczHandle second = 0;
    EXPECT_EQ(Api().OpenPortals(node(i), 0, nullptr, &first, &second), IPCZ_RESULT_OK);
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
    EXPECT_EQ(Api().Box(node(i), network_.MakeObject(text), 0, nullptr, &box), IPCZ_RESULT_OK);
    return box;
  }
  std::string TextIn(IpczHandle box) const {
    IpczDriverHandle object = 0;
    if (Api().Unbox(box, 0, nullptr, &object) != IPCZ_RESULT_OK) return "no box";
    return network_.TextOf(object);
  }

  // Waits until no more than `count` routes are forwarded, on all nodes together.
  uint64_t relays() const { return network_.Sum(&RingwayNodeCounters::relays); }
  bool RelaysBecome(uint64_t count) const {
    return network_.SumBecomes(&RingwayNodeCounters::relays, count);
  }
  // Waits until no link of any node carries more than what it came with.
  bool LinksAreEmpty() const {
    return network_.SumBecomes(&RingwayNodeCounters::route_ends, route_ends_);
  }

  void CloseNode(size_t i) { network_.CloseNode(i); }

 private:
  void Connect(size_t left, size_t right) {
    const bool by_broker = network_.only_by_brokers();
    const auto portals = network_.Connect(by_broker ? 0 : left, right, 1)[0];
    if (!by_broker || left == 0) return links_.push_back(portals);
    const auto to_left = to_broker_.empty() ? links_[0] : to_broker_.back();
    to_broker_.push_back(portals);
    links_.push_back(network_.ConnectBy(to_left, portals, 0, 1)[0]);
  }

  Network network_;
  Network::Portals links_;
  Network::Portals to_broker_;  // of nodes whose broker is not beside them
  uint64_t route_ends_ = 0;
};

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
