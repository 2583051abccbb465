// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_MULTINODE_KILL_MOVES_NODE_H_
#define TESTS_MULTINODE_KILL_MOVES_NODE_H_

#include <cstddef>
#include <cstdint>

namespace ringway::testing {

// What the parent asks of a child (SharedPage::stop), and what a child has done
// of it (SharedPage::phase).
enum MoverStep : uint32_t {
  kMoverConnects = 0,
  kMoverMoves = 1,   // opens portals, and sends them on at random
  kMoverRests = 2,   // reads what comes, and does no more
  kMoverProbes = 3,  // has put a last parcel into each portal, and counts those from the others
  kMoverLeaves = 4,  // reads no more, and knows which links are up
  kMoverCloses = 5,  // has closed all portals, and looked at what is left
};

// SharedPage::value of a child.
enum MoverValue : size_t {
  kMoverMoved,      // portals sent
  kMoverUnsettled,  // that neither saw a last parcel nor their peers closed
  kMoverConnected,  // that saw a last parcel
  kMoverRelays,     // these three are what is left at the end, beyond what must be
  kMoverRouteEnds,
  kMoverObjects,  // of the driver, once the node is closed
  kMoverWrong,    // results that cannot be
};

// The arguments of a child, in this order.
enum MoverArgument : size_t {
  kMoverIndex,    // the first ones are brokers
  kMoverClients,  // how many there are
  kMoverSocket,   // number of the brokers' sockets
  kMoverSeed,
  kMoverFatalType,   // the type of the message that ends it; 0: none
  kMoverFatalCount,  // ... the how many-th of that type
  kMoverFatalAfter,  // 1: after that message, not before
  kMoverBrokers,     // one or two, which share the clients
};

}  // namespace ringway::testing

#endif  // TESTS_MULTINODE_KILL_MOVES_NODE_H_
