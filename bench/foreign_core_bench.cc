// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What does a core of the original's kind gain by the Linux driver?

#include "bench/cases.h"
#include "bench/paths/foreign_core.h"

namespace ringway::bench {

void AddForeignCores(Cases& cases) {
  using enum ForeignDriver;
  constexpr size_t kBytes = 8;
  const auto add = [&](const char* prefix, auto run) {
    cases.push_back({CaseName(prefix, kBytes), kBytes, run});
  };
  add("rate/foreign_core_ringway", RunForeignRate<kBytes, kRingwayAdaptive>);
  add("rate/foreign_core_socket", RunForeignRate<kBytes, kSocketPark>);
  add("roundtrip/foreign_core_ringway/poll", RunForeignRoundTrip<kBytes, kRingwayPoll>);
  add("roundtrip/foreign_core_ringway/adaptive", RunForeignRoundTrip<kBytes, kRingwayAdaptive>);
  add("roundtrip/foreign_core_socket/poll", RunForeignRoundTrip<kBytes, kSocketPoll>);
  add("roundtrip/foreign_core_socket/park", RunForeignRoundTrip<kBytes, kSocketPark>);
}

}  // namespace ringway::bench
