// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef TESTS_CRASH_SCRIPT_H_
#define TESTS_CRASH_SCRIPT_H_

#include <cstdint>

#include "tests/crash/image.h"

namespace ringway::crash {

// Mistakes that callers of the ring could make; those inside it are -D RW_MUTANT_*.
enum class CallerBug {
  kNone,
  kCountAfterCommit,      // of what was put
  kReleaseBeforeCount,    // of what was consumed
  kFirstLaneEarly,        // the lane is published before its first header is zero
  kGrowBeforeReady,       // the mark before the successor's first header is zero
  kAnswerBeforeCommit,    // of a sleeper
  kThresholdAfterArming,  // of a trap
};
inline CallerBug caller_bug = CallerBug::kNone;

// Plays both sides of one route after the other, for ever: puts alone and in batches, gets, growth,
// ends, arming, answering; positions begin at 0 and below 2^32, 2^63 and 2^64. `seed` picks the
// order.
void RunScript(World* world, uint64_t seed);

}  // namespace ringway::crash

#endif  // TESTS_CRASH_SCRIPT_H_
