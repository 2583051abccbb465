// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "tests/interface/external_calc.h"

RW_RPC_DEF(ringway::testing::MacroCalc::test);
RW_RPC_DEF(ringway::testing::MacroCalc::tagged);
RW_RPC_DEF(ringway::testing::MacroCalc::far);
RW_RPC_DEF(ringway::testing::MacroCalc::far_thirty);
