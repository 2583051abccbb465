// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#include "bench/cases.h"

namespace ringway::bench {

Cases AllCases() {
  Cases cases;
  AddRoundTrips(cases);
  AddRates(cases);
  AddSendCosts(cases);
  AddLocalRates(cases);
  AddTransfers(cases);
  AddForeignCores(cases);
  AddCalls(cases);
  AddScales(cases);
  return cases;
}

}  // namespace ringway::bench
