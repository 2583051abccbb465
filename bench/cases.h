// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// All that can be measured, one function for each question.

#ifndef BENCH_CASES_H_
#define BENCH_CASES_H_

#include "bench/harness/case.h"

namespace ringway::bench {

void AddRoundTrips(Cases& cases);    // how long a message and its echo take
void AddRates(Cases& cases);         // how many messages go one way
void AddSendCosts(Cases& cases);     // what a Put costs while the receiver is awake
void AddLocalRates(Cases& cases);    // Put and Get within one node
void AddTransfers(Cases& cases);     // how long it takes to send a portal and talk through it
void AddForeignCores(Cases& cases);  // another core on our driver, and on a socket driver
void AddCalls(Cases& cases);         // calls of the interface layer, and of others
void AddScales(Cases& cases);        // many pairs of portals across one link

Cases AllCases();

// The two that say whether the machine is quiet enough: see ValidityRule in runner.h.
Case CacheLineCase();
Case SlotRingCase();

}  // namespace ringway::bench

#endif  // BENCH_CASES_H_
