// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

// What do many pairs of portals across one link cost, and does one of them notice the others?

#include <string>

#include "bench/cases.h"
#include "bench/paths/portal_many.h"

namespace ringway::bench {

void AddScales(Cases& cases) {
  constexpr size_t kTakesLong = 10'000;
  for (const size_t num_pairs : {1, 1'000, 100'000}) {
    cases.push_back({"scale/portals:" + std::to_string(num_pairs), 8,
                     [=](const Pace& pace) { return RunAmong(pace, num_pairs); },
                     num_pairs < kTakesLong ? Extent::kNotQuick : Extent::kNamed});
  }
}

}  // namespace ringway::bench
