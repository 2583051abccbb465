// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_INTERFACE_LOCAL_NODE_H_
#define TESTS_INTERFACE_LOCAL_NODE_H_

#include <cstdlib>
#include <utility>

#include "ringway/portal.h"
#include "tests/support/ipcz_test.h"
#include "tests/support/modes.h"

namespace ringway::testing {

// A node of this process, for pairs of portals within it.
class LocalNode {
 public:
  std::pair<Portal, Portal> Pair() {
    auto pair = node_.OpenPortals();
    if (!pair) std::abort();
    return *std::move(pair);
  }
  Node& node() { return node_; }

 private:
  static Node Make() {
    auto node = Node::Create(SyncDriver());
    if (!node) std::abort();
    return *std::move(node);
  }
  Node node_ = Make();
};

}  // namespace ringway::testing

#endif  // TESTS_INTERFACE_LOCAL_NODE_H_
