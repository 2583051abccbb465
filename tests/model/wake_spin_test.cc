// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// Spin: sleep_wake.pml, every state of it, with store buffers as x86 has them. First the protocol,
// then one mistake at a time, each of which must be found.

#include "tests/model/spin.h"

namespace ringway::model {
namespace {

class SoundTest : public SpinTest {};
TEST_P(SoundTest, LosesNoWake) { ExpectSound("sleep_wake", "-O1"); }

INSTANTIATE_TEST_SUITE_P(
    WakeSpin, SoundTest,
    testing::Values(
        SpinCase{"Park", "-DPUTS=3 -DPARKED=1 -DTRAP=0 -DKILL"},
        SpinCase{"ParkBarrier", "-DPUTS=3 -DPARKED=1 -DTRAP=0 -DKILL -DASYMMETRIC"},
        SpinCase{"ParkTwo", "-DPUTS=2 -DPARKED=2 -DTRAP=0"},
        SpinCase{"ParkTwoBarrier", "-DPUTS=2 -DPARKED=2 -DTRAP=0 -DASYMMETRIC"},
        SpinCase{"GiveUp", "-DPUTS=2 -DPARKED=2 -DTIMED -DTRAP=0 -DKILL"},
        SpinCase{"GiveUpBarrier", "-DPUTS=2 -DPARKED=2 -DTIMED -DTRAP=0 -DKILL -DASYMMETRIC"},
        SpinCase{"Trap", "-DPUTS=4 -DPARKED=0 -DTRAP=1 -DKILL"},
        SpinCase{"TrapBarrier", "-DPUTS=4 -DPARKED=0 -DTRAP=1 -DKILL -DASYMMETRIC"},
        SpinCase{"ParkAndTrap", "-DPUTS=2 -DPARKED=1 -DTRAP=2 -DKILL"},
        SpinCase{"ParkAndTrapBarrier", "-DPUTS=2 -DPARKED=1 -DTRAP=2 -DKILL -DASYMMETRIC"}),
    SpinCaseName);

class MutantTest : public SpinTest {};
TEST_P(MutantTest, IsCaught) { ExpectCaught("sleep_wake"); }

#define PARK "-DPUTS=2 -DPARKED=1 -DTRAP=0 "
#define PARK_TWO "-DPUTS=2 -DPARKED=2 -DTRAP=0 "
#define TRAP "-DPUTS=3 -DPARKED=0 -DTRAP=2 "

INSTANTIATE_TEST_SUITE_P(
    WakeSpin, MutantTest,
    testing::Values(SpinCase{"NoPublisherFence", PARK "-DNO_PUBLISHER_FENCE"},
                    SpinCase{"NoPublisherFenceTrap", TRAP "-DNO_PUBLISHER_FENCE"},
                    SpinCase{"NoSleeperFence", PARK "-DNO_SLEEPER_FENCE"},
                    SpinCase{"NoSleeperFenceTrap", TRAP "-DNO_SLEEPER_FENCE"},
                    SpinCase{"NoMembarrier", PARK "-DASYMMETRIC -DNO_MEMBARRIER"},
                    SpinCase{"NoMembarrierTrap", TRAP "-DASYMMETRIC -DNO_MEMBARRIER"},
                    SpinCase{"NoSecondLook", PARK "-DNO_SECOND_LOOK"},
                    SpinCase{"NoSecondLookTrap", TRAP "-DNO_SECOND_LOOK"},
                    SpinCase{"ReadAfterArming", PARK "-DREAD_AFTER_ARMING"},
                    SpinCase{"ReadAfterSecondLook", PARK "-DREAD_AFTER_SECOND_LOOK"},
                    SpinCase{"BooleanForGeneration", PARK "-DBOOLEAN"},
                    SpinCase{"SettleEarly", TRAP "-DSETTLE_EARLY"},
                    SpinCase{"WakeOne", PARK_TWO "-DWAKE_ONE"},
                    SpinCase{"FirstDisarmsForAll", PARK_TWO "-DFIRST_DISARMS_FOR_ALL"},
                    SpinCase{"ThresholdAfterArming", TRAP "-DTHRESHOLD_AFTER_ARMING"},
                    SpinCase{"DeathWakesOnlyTheFutex", PARK "-DKILL -DNO_KICKS"}),
    SpinCaseName);

}  // namespace
}  // namespace ringway::model
