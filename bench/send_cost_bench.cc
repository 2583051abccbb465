// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What does sending a small message cost the sender while the receiver is awake?

#include "bench/cases.h"
#include "bench/harness/send_cost.h"
#include "bench/paths/portal.h"
#include "bench/paths/record_ring.h"
#include "bench/paths/slot_ring.h"

namespace ringway::bench {
namespace {

template <Path P>
Case SendCost(const char* path) {
  return {CaseName(std::string("sendcost/") + path, P::kBytes), P::kBytes, RunSendCost<P>};
}

// What the two looks at the clock measure when nothing is between them.
Outcome RunTimer(const Pace& pace) {
  const Shared<Measurement> found;
  const Role time_nothing = [&] { *found = TimeSends(pace, [](uint64_t) {}); };
  return RunCase({time_nothing}, pace, found);
}

}  // namespace

void AddSendCosts(Cases& cases) {
  cases.push_back({CaseName("sendcost/timer", 8), 8, RunTimer});
  cases.push_back(SendCost<SlotRing<8>>("slot_ring"));
  cases.push_back(SendCost<RecordRingPath<8>>("ring"));
  cases.push_back(SendCost<PortalPath<8, PortalCopy, PortalWait::kPoll, false>>("portal"));
}

}  // namespace ringway::bench
