// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// move_spin_test with more at once.

#include "tests/model/spin.h"

namespace ringway::model {
namespace {

class SoundTest : public SpinTest {};
TEST_P(SoundTest, LosesNothingAndLeavesNoRelay) { ExpectSound("move", "-O2 -DCOLLAPSE"); }

#define ONE "-DRELAYS=1 -DPUTS=1 "
#define TWO "-DRELAYS=2 -DPUTS=1 "

INSTANTIATE_TEST_SUITE_P(
    MoveSpinLong, SoundTest,
    testing::Values(SpinCase{"OneRelay", "-DRELAYS=1 -DPUTS=2 -DCLOSES=3"},
                    SpinCase{"OneRelayHandles", ONE "-DCLOSES=3 -DHANDLES -DASK -DREFUSE"},
                    SpinCase{"OneRelayIsBorn", ONE "-DCLOSES=3 -DBIRTH -DASK -DREFUSE"},
                    SpinCase{"TwoRelays", TWO},
                    SpinCase{"TwoRelaysHandles", TWO "-DORDER=5 -DGIVERS=3 -DHANDLES"},
                    SpinCase{"TwoRelaysRefused", TWO "-DORDER=9 -DGIVERS=4 -DASK -DREFUSE"},
                    SpinCase{"TwoRelaysBorn", TWO "-DORDER=5 -DGIVERS=3 -DBIRTH"},
                    SpinCase{"TwoRelaysCloses", TWO "-DORDER=5 -DGIVERS=3 -DCLOSES=1"}),
    SpinCaseName);

}  // namespace
}  // namespace ringway::model
