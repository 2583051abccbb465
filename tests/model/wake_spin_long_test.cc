// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// wake_spin_test with more at once: above 10^8 states, 2 GB, half an hour.

#include "tests/model/spin.h"

namespace ringway::model {
namespace {

class SoundTest : public SpinTest {};
TEST_P(SoundTest, LosesNoWake) { ExpectSound("sleep_wake", "-O2 -DCOLLAPSE"); }

INSTANTIATE_TEST_SUITE_P(
    WakeSpinLong, SoundTest,
    testing::Values(
        SpinCase{"GiveUp", "-DPUTS=3 -DPARKED=2 -DTIMED -DTRAP=0 -DKILL"},
        SpinCase{"GiveUpBarrier", "-DPUTS=3 -DPARKED=2 -DTIMED -DTRAP=0 -DKILL -DASYMMETRIC"},
        SpinCase{"ParkAndTwoTraps", "-DPUTS=2 -DPARKED=1 -DTRAP=1 -DKILL"},
        SpinCase{"ParkAndTwoTrapsBarrier", "-DPUTS=2 -DPARKED=1 -DTRAP=1 -DKILL -DASYMMETRIC"},
        SpinCase{"ParkTwoAndTrap", "-DPUTS=2 -DPARKED=2 -DTRAP=2"}),
    SpinCaseName);

}  // namespace
}  // namespace ringway::model
