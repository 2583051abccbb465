// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Spin: move.pml, every state of it. First the protocol by which relays remove themselves, then one
// mistake at a time, each of which must be found.

#include "tests/model/spin.h"

namespace ringway::model {
namespace {

class SoundTest : public SpinTest {};
TEST_P(SoundTest, LosesNothingAndLeavesNoRelay) { ExpectSound("move", "-O0 -DCOLLAPSE"); }

#define ONE "-DRELAYS=1 -DPUTS=1 "
#define TWO "-DRELAYS=2 -DPUTS=1 "

INSTANTIATE_TEST_SUITE_P(
    MoveSpin, SoundTest,
    testing::Values(SpinCase{"OneRelay", "-DRELAYS=1 -DPUTS=2"},
                    SpinCase{"OneRelayCloses", ONE "-DCLOSES=3 -DGIVERS=1"},
                    SpinCase{"OneRelayHandles", ONE "-DCLOSES=2 -DGIVERS=2 -DHANDLES"},
                    SpinCase{"OneRelayRefused", ONE "-DCLOSES=1 -DGIVERS=1 -DASK -DREFUSE"},
                    SpinCase{"OneRelayIsBorn", ONE "-DCLOSES=1 -DORDER=0 -DBIRTH"},
                    SpinCase{"TwoRelays", TWO "-DORDER=5 -DGIVERS=3"},
                    SpinCase{"TwoRelaysToEachOther", TWO "-DORDER=9 -DGIVERS=4"}),
    SpinCaseName);

class MutantTest : public SpinTest {};
TEST_P(MutantTest, IsCaught) { ExpectCaught("move"); }

INSTANTIATE_TEST_SUITE_P(
    MoveSpin, MutantTest,
    testing::Values(SpinCase{"NoToken", TWO "-DORDER=5 -DGIVERS=3 -DNO_TOKEN"},
                    SpinCase{"TokenCountedLater",
                             "-DRELAYS=2 -DPUTS=0 -DORDER=9 -DTOKEN_COUNTED_LATER"},
                    SpinCase{"BypassEarly", ONE "-DBYPASS_EARLY"},
                    SpinCase{"ReadNewLaneEarly", ONE "-DREAD_NEW_LANE_EARLY"},
                    SpinCase{"NoBroken", ONE "-DCLOSES=3 -DNO_BROKEN"},
                    SpinCase{"AwaitedIsClosed", ONE "-DAWAITED_IS_CLOSED"},
                    SpinCase{"SwitchInProgress", ONE "-DHANDLES -DSWITCH_IN_PROGRESS"},
                    SpinCase{"MovesWhenOver", ONE "-DHANDLES -DCLOSES=3 -DMOVES_WHEN_OVER"},
                    SpinCase{"NoAnswerToAttach", ONE "-DCLOSES=3 -DNO_ANSWER_TO_ATTACH"},
                    SpinCase{"NoCancel", ONE "-DASK -DREFUSE -DCLOSES=1 -DNO_CANCEL"},
                    SpinCase{"EndsMoveToo", ONE "-DENDS_MOVE_TOO"},
                    SpinCase{"NoPokeWhenTaken", "-DRELAYS=1 -DPUTS=0 -DBIRTH -DNO_POKE_WHEN_TAKEN"},
                    SpinCase{"FreedWhenSwitched", ONE "-DCLOSES=3 -DFREED_WHEN_SWITCHED"},
                    SpinCase{"NoLookAtFreed", ONE "-DCLOSES=3 -DNO_LOOK_AT_FREED"}),
    SpinCaseName);

}  // namespace
}  // namespace ringway::model
