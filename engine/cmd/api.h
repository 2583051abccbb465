// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// The two tables of the public API, and what its calls need.

#ifndef ENGINE_CMD_API_H_
#define ENGINE_CMD_API_H_

#include <cstdint>

#include "ipcz/ipcz.h"
#include "ringway/ringway.h"

namespace ringway::cmd {

const IpczAPI& Ipcz();
const RingwayExtensions& Ringway();

// CLOCK_MONOTONIC, as deadlines are given.
uint64_t NowNs();

// Waits for `wanted` on one portal. True when that holds or the other side is
// closed; false when the deadline has passed.
bool WaitFor(IpczHandle portal, RingwayWaitFlags wanted, RingwayWaitMode mode,
             uint64_t deadline_ns);

}  // namespace ringway::cmd

#endif  // ENGINE_CMD_API_H_
