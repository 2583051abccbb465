// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_MULTINODE_KILL_VICTIM_H_
#define TESTS_MULTINODE_KILL_VICTIM_H_

#include <cstdint>

#include "ipcz/ipcz.h"

namespace ringway::testing {

enum class VictimRole : uint64_t { kProduces = 0, kConsumes = 1, kEchoes = 2 };

// Most parcels that may wait unread.
inline constexpr uint64_t kInFlightMax = 64;

// The victim's body is called "Victim"; its arguments are role and whether it is
// the broker. It goes on for ever. Phase 1: connected. `committed` counts the
// parcels whose put returned OK, `got` those it has taken out.
//
// Puts `number` in one of the ways in which parcels can be put, with up to three
// that follow; how many were put, 0 if there is no room now, -1 at the end.
int PutInSomeWay(IpczHandle node, IpczHandle portal, uint64_t number);

// Most parcels that a call to PutInSomeWay() puts: a victim may have put these
// without having said so.
inline constexpr uint64_t kPutAtOnceMax = 4;

}  // namespace ringway::testing

#endif  // TESTS_MULTINODE_KILL_VICTIM_H_
