// Copyright 2026 The Ringway Authors. BSD-3-Clause, see LICENSE.

#ifndef BENCH_HARNESS_ROLES_H_
#define BENCH_HARNESS_ROLES_H_

#include <stdint.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "bench/harness/case.h"
#include "bench/harness/shared.h"

namespace ringway::bench {

// What one process of a benchmark does. It ends by returning, or through Fail().
using Role = std::function<void()>;

// Runs each role in a process of its own, the n-th on the n-th CPU, and waits for all. Once one
// fails, dies or the time is over, the others are killed. Returns what went wrong, or nothing. The
// calling process must have a single thread. `on_tick`, if any, is called ten times a second.
std::string RunRoles(const std::vector<Role>& roles, uint64_t timeout_ns,
                     const std::function<void()>& on_tick = {});

// The same for a case, one of whose roles stores what it found in `found`.
inline Outcome RunCase(const std::vector<Role>& roles, const Pace& pace,
                       const Shared<Measurement>& found) {
  std::string error = RunRoles(roles, pace.timeout_ns());
  return {*found, std::move(error)};
}

// Called by every role once it has finished its work: returns when the others have too, so that
// none closes what another still reads.
void Meet();

}  // namespace ringway::bench

#endif  // BENCH_HARNESS_ROLES_H_
