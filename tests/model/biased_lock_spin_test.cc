// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Spin: biased_lock.pml, every state of it. A lock whose owner enters with two plain stores
// excludes others only if one thread in its life can own it; with a second owner the first one's
// late store clears the mark of the second (SeveralOwners).

#include "tests/model/spin.h"

namespace ringway::model {
namespace {

class LockTest : public SpinTest {};
TEST_P(LockTest, ExcludesAndLetsIn) { ExpectSound("biased_lock", "-O1"); }

INSTANTIATE_TEST_SUITE_P(
    BiasedLock, LockTest,
    testing::Values(SpinCase{"TwoThreads", "-DTHREADS=2 -DROUNDS=5 -DNEEDED=2"},
                    SpinCase{"TwoThreadsOwnAtOnce", "-DTHREADS=2 -DROUNDS=4 -DNEEDED=1"},
                    SpinCase{"ThreeThreads", "-DTHREADS=3 -DROUNDS=2 -DNEEDED=1"}),
    SpinCaseName);

class MutantTest : public SpinTest {};
TEST_P(MutantTest, IsCaught) { ExpectCaught("biased_lock"); }

#define TWO "-DTHREADS=2 -DROUNDS=3 -DNEEDED=1 "

INSTANTIATE_TEST_SUITE_P(BiasedLock, MutantTest,
                         testing::Values(SpinCase{"OneWord", TWO "-DONE_WORD"},
                                         SpinCase{"DisownsLate", TWO "-DDISOWNS_LATE"},
                                         SpinCase{"NoBarrier", TWO "-DONE_OWNER -DNO_BARRIER"},
                                         SpinCase{"NoSecondLook",
                                                  TWO "-DONE_OWNER -DNO_SECOND_LOOK"},
                                         SpinCase{"NoWait", TWO "-DONE_OWNER -DNO_WAIT"}),
                         SpinCaseName);

}  // namespace
}  // namespace ringway::model
