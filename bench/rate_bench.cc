// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// How many messages go one way, every byte of them checked?

#include "bench/cases.h"
#include "bench/harness/rate.h"
#include "bench/paths/boost_spsc.h"
#include "bench/paths/kernel_stream.h"
#include "bench/paths/portal.h"
#include "bench/paths/record_ring.h"
#include "bench/paths/slot_ring.h"

namespace ringway::bench {
namespace {

template <Path P>
Case Rate(const char* path) {
  return {CaseName(std::string("rate/") + path, P::kBytes), P::kBytes, RunRate<P>};
}

template <size_t kBytes>
void AddBaselines(Cases& cases) {
  if constexpr (kBytes <= 1024) {
    cases.push_back(Rate<SlotRing<kBytes>>("slot_ring"));
  } else {
    cases.push_back(Rate<CopyLimit<kBytes>>("copy_limit"));
    cases.push_back(Rate<InplaceLimit<kBytes>>("inplace_limit"));
  }
  cases.push_back(Rate<RecordRingPath<kBytes>>("ring"));
  cases.push_back(Rate<BoostSpscPath<kBytes>>("boost_spsc"));
  cases.push_back(Rate<Seqpacket<kBytes, KernelWait::kPoll>>("seqpacket"));
  cases.push_back(Rate<Pipe<kBytes, KernelWait::kPoll>>("pipe"));
}

template <size_t kBytes>
void AddPortals(Cases& cases) {
  constexpr PortalWait kWait = PortalWait::kPoll;
  cases.push_back(Rate<PortalPath<kBytes, PortalCopy, kWait, true>>("portal"));
  cases.push_back(Rate<PortalPath<kBytes, PortalTwoPhase, kWait, true>>("portal_two_phase"));
  if constexpr (kBytes <= 1024) {
    cases.push_back(Rate<PortalPath<kBytes, PortalBatch, kWait, true>>("portal_batch"));
  }
}

}  // namespace

void AddRates(Cases& cases) {
  ForEachSize([&](auto bytes) {
    AddBaselines<bytes>(cases);
    AddPortals<bytes>(cases);
  });
}

}  // namespace ringway::bench
