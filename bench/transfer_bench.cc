// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// How long does it take to open a pair of portals, send one, talk through it and close it?

#include <string>

#include "bench/cases.h"
#include "bench/harness/round_trip.h"
#include "bench/paths/portal.h"
#include "bench/paths/portal_transfer.h"
#include "bench/paths/portal_transfer_trap.h"

namespace ringway::bench {
namespace {

using Run = Outcome (*)(const Pace&, size_t depth);

Case TransferCase(const char* path, size_t depth, Run run) {
  return {std::string("transfer/") + path + "/depth:" + std::to_string(depth), 8,
          [=](const Pace& pace) { return run(pace, depth); }, Extent::kNotQuick};
}

// The ping alone, through a portal that is there already: what a transfer is compared with.
Outcome RunPingAlone(const Pace& pace, size_t) {
  return RunRoundTrip<PortalPath<8, PortalCopy, PortalWait::kPoll, false>>(pace);
}

}  // namespace

void AddTransfers(Cases& cases) {
  cases.push_back(TransferCase("none", 1, RunPingAlone));
  for (const size_t depth : {1, 32}) {
    cases.push_back(TransferCase("portal", depth, RunTransfers));
    cases.push_back(TransferCase("portal_trap", depth, RunTrapTransfers));
  }
}

}  // namespace ringway::bench
