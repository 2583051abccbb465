// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// How long does a message and its echo take, waiting in each of the ways a path has?

#include "bench/cases.h"
#include "bench/harness/round_trip.h"
#include "bench/paths/boost_spsc.h"
#include "bench/paths/kernel_stream.h"
#include "bench/paths/portal.h"
#include "bench/paths/portal_forwarded.h"
#include "bench/paths/portal_trap.h"
#include "bench/paths/record_ring.h"
#include "bench/paths/slot_ring.h"
#include "bench/paths/words.h"

namespace ringway::bench {
namespace {

template <Path P>
Case RoundTrip(const char* path_and_wait) {
  return {CaseName(std::string("roundtrip/") + path_and_wait, P::kBytes), P::kBytes,
          RunRoundTrip<P>};
}

template <size_t kBytes>
void AddBaselines(Cases& cases) {
  cases.push_back(RoundTrip<SlotRing<kBytes>>("slot_ring/poll"));
  cases.push_back(RoundTrip<RecordRingPath<kBytes>>("ring/poll"));
  cases.push_back(RoundTrip<BoostSpscPath<kBytes>>("boost_spsc/poll"));
  cases.push_back(RoundTrip<Seqpacket<kBytes, KernelWait::kPoll>>("seqpacket/poll"));
  cases.push_back(RoundTrip<Seqpacket<kBytes, KernelWait::kPark>>("seqpacket/park"));
  cases.push_back(RoundTrip<Pipe<kBytes, KernelWait::kPoll>>("pipe/poll"));
  cases.push_back(RoundTrip<Pipe<kBytes, KernelWait::kPark>>("pipe/park"));
}

template <size_t kBytes>
void AddPortals(Cases& cases) {
  const auto add = [&]<PortalWait kWait>(const char* copying, const char* two_phase) {
    cases.push_back(RoundTrip<PortalPath<kBytes, PortalCopy, kWait, false>>(copying));
    cases.push_back(RoundTrip<PortalPath<kBytes, PortalTwoPhase, kWait, false>>(two_phase));
  };
  add.template operator()<PortalWait::kPoll>("portal/poll", "portal_two_phase/poll");
  add.template operator()<PortalWait::kAdaptive>("portal/adaptive", "portal_two_phase/adaptive");
  add.template operator()<PortalWait::kPark>("portal/park", "portal_two_phase/park");
  cases.push_back({CaseName("roundtrip/portal/trap", kBytes), kBytes, RunTrapRoundTrip<kBytes>});
}

}  // namespace

Case CacheLineCase() { return RoundTrip<CacheLinePath<8>>("cacheline/poll"); }
Case SlotRingCase() { return RoundTrip<SlotRing<8>>("slot_ring/poll"); }

void AddRoundTrips(Cases& cases) {
  cases.push_back(CacheLineCase());
  cases.push_back(RoundTrip<CacheLinePath<64>>("cacheline_two/poll"));
  cases.push_back(RoundTrip<FutexPath>("futex/park"));
  ForEachSize([&](auto bytes) {
    AddBaselines<bytes>(cases);
    AddPortals<bytes>(cases);
  });
  cases.push_back({CaseName("roundtrip/portal_forwarded/poll", 8), 8, RunForwardedRoundTrip<8>,
                   Extent::kNotQuick});
}

}  // namespace ringway::bench
